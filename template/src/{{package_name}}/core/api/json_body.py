"""Request bodies: strict JSON (RFC 8259 without its ambiguities) of limited size."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from flask import Request, g, request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser

from .. import deadlines
from ..errors import ProblemError

MAX_DEPTH = 32
MAX_VALUES = 50_000  # per body; parsing and validating more would occupy a thread for seconds
MAX_INTEGER_BITS = 330  # about 100 digits; larger integers make arithmetic expensive
MAX_LISTED_ERRORS = 50


# An unterminated string matches to the end of the body, so that no byte is scanned twice.
_strings = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL).sub


class StrictParser(FlaskParser):
    """Webargs parser that requires strict JSON, rejects unknown arguments and raises problems."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": "raise", "query": "raise"}

    def load_json(self, req: Request, schema: Schema) -> Any:
        return read_json(cast(Any, req)._get_current_object())  # not the proxy, which is slow

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        for name, values in req.args.lists():
            if not all(map(_is_storable, (name, *values))):
                raise ProblemError(400, "The query contains characters that cannot be stored.")
            if len(values) > 1:
                reason = {"in": "query", "field": name, "reason": "Given more than once."}
                raise ProblemError(422, errors=[reason])
        return req.args.to_dict()

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, **_: Any
    ) -> NoReturn:
        messages = error.messages if isinstance(error.messages, dict) else {"json": error.messages}
        listed = [
            {"in": "body" if location == "json" else location, "field": field, "reason": reason}
            for location, nested in messages.items()
            for field, reason in _flatten(nested)
        ]
        raise ProblemError(422, errors=listed[:MAX_LISTED_ERRORS])


def _flatten(messages: Any, path: str = "") -> list[tuple[str, str]]:
    """Flatten marshmallow's nested messages into (field, reason) pairs, with dotted field names."""
    if isinstance(messages, Mapping):
        pairs = []
        for name, nested in messages.items():
            step = "" if name == "_schema" else str(name)[:100]
            pairs += _flatten(nested, f"{path}.{step}".strip("."))
        return pairs
    return [(path, str(message)) for message in messages]


def read_json(req: Request = request) -> Any:
    """Return the parsed body; it is parsed once per request.

    Raises ProblemError 400 (not strict JSON), 413 (too large) or 415 (not plain JSON).
    """
    if "json_body" in g:
        return g.json_body
    charset = req.mimetype_params.get("charset", "utf-8").lower()
    if req.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
        raise ProblemError(415)
    if req.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProblemError(415)
    body = read_body(req)
    if not body:
        raise ProblemError(400, "The body is empty.")
    if _holds_too_much(body):
        raise ProblemError(413, f"The body contains more than {MAX_VALUES:,} values.")
    try:
        value = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
        _check(value)
    except (ValueError, RecursionError) as error:
        reason = error.args[0] if isinstance(error, StrictJSONError) else "It cannot be parsed."
        raise ProblemError(400, f"The body is not strict JSON. {reason}") from None
    g.json_body = value
    return value


def _holds_too_much(body: bytes) -> bool:
    """Whether the body has more than MAX_VALUES, counted by the commas and opening brackets."""

    def count(text: bytes) -> int:
        return text.count(b",") + text.count(b"[") + text.count(b"{")

    return count(body) > MAX_VALUES and count(_strings(b"", body)) > MAX_VALUES


def read_body(req: Request) -> bytes:
    """Return the body's bytes, counted while reading: a chunked body has no Content-Length."""
    limit = req.max_content_length or 0
    if req.content_length is not None and req.content_length > limit:
        raise ProblemError(413)
    if req.content_length is None and "wsgi.input_terminated" not in req.environ:
        return b""
    wanted = limit + 1 if req.content_length is None else req.content_length
    try:
        body: bytes = req.environ["wsgi.input"].read(wanted)
    except Exception:  # each server has its own exceptions for bad chunks and disconnects
        body = b""
        if not deadlines.is_over():
            raise ProblemError(400, "The body could not be read.") from None
    if deadlines.is_over():
        raise ProblemError(408)
    if len(body) > limit:
        raise ProblemError(413)
    if req.content_length is not None and len(body) < req.content_length:
        raise ProblemError(400, "The body is shorter than its Content-Length.")
    return body


class StrictJSONError(ValueError):
    """Says in one sentence what makes a JSON text ambiguous or impossible to store."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise StrictJSONError("An object has a duplicate key.")
    return members


def _refuse(constant: str) -> NoReturn:
    raise StrictJSONError("NaN and Infinity are not JSON numbers.")


def _check(root: Any) -> None:
    """Reject nesting, numbers and text that some part of the service could not handle."""
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [inner for value in level for inner in _inner_values(value)]
    for value in level:
        if isinstance(value, (dict, list)):
            raise StrictJSONError(f"It is nested deeper than {MAX_DEPTH} levels.")
        _inner_values(value)


def _inner_values(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str) and not _is_storable(value):
        raise StrictJSONError("Text must not contain NUL or lone surrogates.")
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        raise StrictJSONError("A number has too many digits.")
    if isinstance(value, float) and not math.isfinite(value):
        raise StrictJSONError("A number is out of range.")
    return []


def _is_storable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or text.encode(errors="ignore").decode() == text)
