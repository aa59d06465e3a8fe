"""Marshmallow fields for strings: each accepts exactly what its pattern in the document matches."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST = rf"{LABEL}(\.{LABEL}){{0,20}}"


class StrictString(fields.String):
    """A string of at most `max_length` characters that `PATTERN` matches as a whole.

    The OpenAPI document contains the same pattern. No string contains NUL, which PostgreSQL does
    not store, and none is blank unless `allow_blank` is true.
    """

    # What \s matches differs between languages, so this names all white space.
    PATTERN = r"(?![\s\x1c-\x1f\x85\ufeff]+$)[^\x00]+"
    ANY = r"[^\x00]*"
    default_error_messages = {"pattern": "Must not be blank or contain NUL."}

    def __init__(
        self,
        *,
        max_length: int,
        allow_blank: bool = False,
        metadata: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.pattern = self.ANY if allow_blank else self.PATTERN
        super().__init__(metadata={**(metadata or {}), "pattern": f"^{self.pattern}$"}, **kwargs)
        self.validators.insert(0, validate.Length(0 if allow_blank else 1, max_length))

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, *args, **kwargs))
        if not re.fullmatch(self.pattern, text):
            raise self.make_error("pattern")
        return text


class StrictURL(StrictString):
    """An http or https URL without a user name, in ASCII; host names are not resolved."""

    PATTERN = rf"https?://{HOST}(:[0-9]{{1,5}})?([/?#][!-~]*)?"
    default_error_messages = {"pattern": "Write a URL like https://example.com/path, in ASCII."}

    def __init__(
        self, *, max_length: int = 2000, metadata: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        described = {"example": "https://example.com/", **(metadata or {})}
        super().__init__(max_length=max_length, metadata=described, **kwargs)


class StrictEmail(StrictString):
    """An e-mail address in ASCII; whether the mailbox exists is not checked."""

    PATTERN = rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@{LABEL}(\.{LABEL})+"
    default_error_messages = {"pattern": "Write an e-mail address like ann@example.com."}

    def __init__(
        self, *, max_length: int = 254, metadata: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        described = {"example": "ann@example.com", **(metadata or {})}
        super().__init__(max_length=max_length, metadata=described, **kwargs)


class StrictUUID(fields.UUID):
    """A UUID with hyphens (RFC 9562); other spellings are rejected."""

    PATTERN = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(metadata={**(metadata or {}), "pattern": f"^{self.PATTERN}$"}, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(self.PATTERN, value):
            raise self.make_error("invalid_uuid")
        return super()._deserialize(value, *args, **kwargs)
