"""ETags: an update names the state that it was made for (RFC 9110, 13), so none is lost."""

from typing import Protocol

from flask import Response, jsonify, request
from marshmallow import Schema

from .errors import ProblemError


class Versioned(Protocol):
    """A model whose `version` SQLAlchemy raises at every update (`version_id_col`)."""

    version: int


def check_if_match(row: Versioned) -> None:
    """Raise a ProblemError: 428 without If-Match, 412 where it names another state."""
    if "If-Match" not in request.headers:
        raise ProblemError(428)
    if not request.if_match.contains(str(row.version)):
        raise ProblemError(412)


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
