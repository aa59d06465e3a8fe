"""Errors: every 4xx and 5xx response has the same format, problem details (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast
from wsgiref.types import WSGIEnvironment

import structlog
from flask import Flask, Response, json, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from .database.driver_errors import status_of
from .database.duplicates import duplicate_columns

RETRY_SECONDS = 5
OWNER = "owner"  # a column of unique constraints that no client sends
DETAILS = {
    400: "The request is malformed.",
    401: "Send a valid credential in the header `Authorization: Bearer ...`.",
    403: "You do not have permission to do this.",
    404: "This resource does not exist.",
    405: "This resource does not support this method; see the Allow header.",
    408: "The request did not arrive in time; send it faster, or split it.",
    409: "Another record already has one of these values.",
    412: "The record has changed since you read it; read it again.",
    413: "The body is too large.",
    415: "Send the body as application/json, without a Content-Encoding.",
    422: "Some values are not valid.",
    428: "Send an If-Match header with the ETag that you read.",
    429: "Too many requests; retry after the number of seconds in Retry-After.",
    500: "An unexpected error occurred; it is logged under this request ID.",
    502: "A service that this one depends on did not send a usable response.",
    503: "The service is temporarily unavailable; try again.",
    504: "A service that this one depends on did not respond in time.",
}

_log = structlog.get_logger(__name__)


class ProblemError(HTTPException):
    """Raise this to respond with a problem; `errors` lists {"in", "field", "reason"}."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.code = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def init_app(app: Flask) -> None:
    """Turn every exception into a problem response, and log each at its level."""
    app.register_error_handler(HTTPException, handle_http_exception)
    app.register_error_handler(SQLAlchemyError, handle_database_error)
    app.register_error_handler(Exception, handle_unexpected)


def problem(status: int, detail: str = "", errors: Sequence[Mapping[str, str]] = ()) -> Response:
    """Return the response itself: application/problem+json with the request ID."""
    return problem_response(request.environ, status, detail, errors)


def problem_response(
    environ: WSGIEnvironment,
    status: int,
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
) -> Response:
    """The same for middleware, outside a Flask request."""
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail or DETAILS.get(status, f"{title}."),
        "request_id": environ.get("service.request_id", ""),
    }
    if errors:
        body["errors"] = list(errors)
    text = json.dumps(body, sort_keys=False)
    return Response(text, status, content_type="application/problem+json")


def handle_http_exception(error: HTTPException) -> Response:
    """Handle Werkzeug's exceptions; use only status and headers, as their texts may echo input."""
    if error.response is not None or error.code is None or error.code < 400:
        return cast(Response, Response.force_type(error.get_response(), request.environ))
    response = problem(error.code, getattr(error, "detail", ""), getattr(error, "errors", ()))
    for name, value in error.get_headers(request.environ):
        if name.lower() != "content-type":
            response.headers[name] = value
    response.headers.update(getattr(error, "headers", {}))
    if error.code == 503:
        response.headers.setdefault("Retry-After", str(RETRY_SECONDS))
    return response


def handle_database_error(error: SQLAlchemyError) -> Response:
    """Map database errors to a status; their texts contain bound values and are not logged."""
    status, code = status_of(error)
    level = _log.warning if status < 500 else _log.error
    level("database error", error=type(error).__name__, code=code, status=status)
    if status == 500:
        return handle_unexpected(error)
    taken = duplicate_columns(error) if status == 409 else []
    return handle_http_exception(
        ProblemError(
            status,
            errors=[
                {"in": "body", "field": name, "reason": "Already taken."}
                for name in taken
                if name != OWNER
            ],
        )
    )


def handle_unexpected(error: Exception) -> Response:
    """Treat anything else as a bug: log the traceback, and keep the response free of details."""
    _log.error("unexpected error", exc_info=error)
    return problem(500)
