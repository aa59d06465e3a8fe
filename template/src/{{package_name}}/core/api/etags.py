"""ETags: an update names the state that it was made for (RFC 9110, 13), so none is lost."""

import re
from typing import Protocol

from flask import Response, jsonify, request
from marshmallow import Schema

from ..errors import ProblemError

_entity_tags = re.compile(r'[\s,]*(?:(?:W/)?"[^"]*"\s*(?:,[\s,]*|\Z))+').fullmatch
_tags = re.compile(r'(W/)?"([^"]*)"').findall

WEAK = "If-Match names a weak ETag (W/), as a proxy that compresses makes it; send it without W/."


class Versioned(Protocol):
    """A model whose `version` SQLAlchemy raises at every update (`version_id_col`)."""

    version: int


def check_if_match(row: Versioned) -> None:
    """Raise a ProblemError: 428 without If-Match, 412 where it names another state."""
    given = request.headers.get("If-Match")
    if given is None:
        raise ProblemError(428)
    tags = _tags(given) if _entity_tags(given) else []
    if given.strip() != "*" and ("", str(row.version)) not in tags:
        raise ProblemError(412, WEAK if ("W/", str(row.version)) in tags else "")


def representation(schema: Schema, row: Versioned, status: int = 200) -> Response:
    """The row as JSON with its ETag; 304 where the client has it already, 412 as If-Match asks."""
    etag, reads = str(row.version), request.method in ("GET", "HEAD")
    if reads and "If-Match" in request.headers:
        check_if_match(row)
    # By hand: the library's own way reads dates, too, which here mean nothing, and fails at some.
    known = reads and request.if_none_match.contains_weak(etag)
    response = Response(status=304) if known else jsonify(schema.dump(row))
    response.status_code = 304 if known else status
    response.set_etag(etag)
    return response
