"""Marshmallow fields that accept exactly what a column can store, without coercing types."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import ValidationError, fields

INT64 = 2**63
LATEST = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
REST = r"(-[0-9]{2}){2}[Tt ]([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-5][0-9])"
_is_rfc_3339 = re.compile(f"[0-9]{{4}}{REST}").fullmatch


class StrictBoolean(fields.Boolean):
    """`true` or `false`; strings and numbers are rejected."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


class StrictInteger(fields.Integer):
    """A JSON integer, including 1.0. Booleans, strings and fractions are rejected."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if type(value) is int or (type(value) is float and value.is_integer()):
            return int(value)
        raise self.make_error("invalid")


class QueryInteger(fields.Integer):
    """An integer in a query argument: ASCII digits only."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", value):
            raise self.make_error("invalid")
        return int(value)


class StrictNumber(fields.Float):
    """A JSON number with at most `places` decimals, so that a NUMERIC column stores it exactly."""

    default_error_messages = {"places": "At most {places} decimal places."}

    def __init__(self, *, places: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.places = places

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> float:
        if type(value) not in (int, float) or abs(value) >= INT64:
            raise self.make_error("invalid")
        number = float(value)
        if round(number, self.places) != number:
            raise self.make_error("places", places=self.places)
        return number


class Instant(fields.AwareDateTime):
    """A date-time with an offset (RFC 3339), in the range of every engine; converted to UTC."""

    default_error_messages = {"range": "Must be between 1970-01-01 and 9999-12-30."}

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        pattern = f"^(19[7-9][0-9]|[2-9][0-9]{{3}}){REST}$"
        described = {"example": "2030-01-31T12:30:00Z", **(metadata or {}), "pattern": pattern}
        super().__init__(metadata=described, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dt.datetime:
        if not isinstance(value, str) or not _is_rfc_3339(value):
            raise ValidationError("Write a date-time like 2026-11-23T12:30:00Z.")
        moment = super()._deserialize(value.upper(), *args, **kwargs)  # Python rejects `z`
        if value < "1970" or moment > LATEST:  # the year as written: a pattern can express that
            raise self.make_error("range")
        return moment.astimezone(dt.UTC)


class StrictDate(fields.Date):
    """A date like 2026-11-28, from the year 1000: MariaDB stores no earlier ones."""

    PATTERN = "[1-9][0-9]{3}(-[0-9]{2}){2}"

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        described = {"example": "2030-01-31", **(metadata or {}), "pattern": f"^{self.PATTERN}$"}
        super().__init__(metadata=described, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dt.date:
        if not isinstance(value, str) or not re.fullmatch(self.PATTERN, value):
            raise ValidationError("Write a date like 2026-11-28, from the year 1000.")
        return super()._deserialize(value, *args, **kwargs)


class StrictTime(fields.Time):
    """A time of day like 12:30:00, in whole seconds and without an offset."""

    PATTERN = "([01][0-9]|2[0-3])(:[0-5][0-9]){2}"

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        described = {"example": "12:30:00", **(metadata or {}), "pattern": f"^{self.PATTERN}$"}
        super().__init__(metadata=described, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dt.time:
        if not isinstance(value, str) or not re.fullmatch(self.PATTERN, value):
            raise ValidationError("Write a time of day like 12:30:00.")
        return super()._deserialize(value, *args, **kwargs)


class JSONObject(fields.Dict):
    """A JSON object of at most `max_bytes`, whose numbers fit 64 bits, as every parser expects.

    Store it in a `BoundedJSON` column of the same size.
    """

    default_error_messages = {"size": "At most {max_bytes} bytes as JSON."}

    def __init__(
        self,
        *,
        max_bytes: int = 16_384,
        metadata: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        described = {**(metadata or {}), "allOf": [{"$ref": "#/components/schemas/JSONObject"}]}
        bound = f"At most {max_bytes} bytes as JSON."
        described["description"] = f"{described.get('description', '')} {bound}".strip()
        super().__init__(metadata=described, **kwargs)
        self.max_bytes = max_bytes

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        pending: list[Any] = [value]
        while pending:
            current = pending.pop()
            if isinstance(current, dict):
                pending.extend(current.values())
            elif isinstance(current, list):
                pending.extend(current)
            elif isinstance(current, (int, float)) and not -INT64 <= current < INT64:
                raise ValidationError("Numbers must fit in 64 bits.")
        if len(orjson.dumps(value)) > self.max_bytes:
            raise self.make_error("size", max_bytes=self.max_bytes)
        return value
