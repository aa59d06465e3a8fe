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
    """The row as JSON with its ETag; 304 where the client has it already."""
    response = jsonify(schema.dump(row))
    response.status_code = status
    response.set_etag(str(row.version))
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response
