"""ETags: an update names the version that it is based on (RFC 9110, 13), so no update is lost.

flask-smorest hashes the representation. Here the ETag is the row's version, which SQLAlchemy also
checks on write (`version_id_col`), so comparing ETags does not require serializing the row.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from flask import Response, current_app, g, jsonify, request
from marshmallow import Schema

from ..errors import ProblemError
from .apidoc import describe_etag

_entity_tags = re.compile(r'[\s,]*(?:(?:W/)?"[^"]*"\s*(?:,[\s,]*|\Z))+').fullmatch
_tags = re.compile(r'(W/)?"([^"]*)"').findall

READING = ("GET", "HEAD")
CHECKING = ("PUT", "PATCH", "DELETE")
KEPT = (
    "Cache-Control",
    "Content-Location",
    "Date",
    "Expires",
    "Vary",
)  # the headers that a 304 keeps (RFC 9110, 15.4.5)
WEAK = "If-Match has a weak ETag (W/), as compressing proxies create it; send it without W/."

View = TypeVar("View", bound=Callable[..., Any])


class Versioned(Protocol):
    """A model whose `version` SQLAlchemy increments on every update (`version_id_col`)."""

    version: int


class ETagMixin:
    """flask-smorest's `etag`, `check_etag` and `set_etag`, for rows with a version."""

    @staticmethod
    def etag(view: View) -> View:
        """Document the headers, and send the ETag of the row that the view passes to `set_etag`.

        A client that already has this version gets 304. A view that changes a row must pass it to
        `check_etag` first. Decorating a `MethodView` decorates all its methods.

        Raises:
            RuntimeError: a PUT, PATCH or DELETE view did not check the version.
        """
        if isinstance(view, type):
            for name in view.methods or ():  # type: ignore[attr-defined] # of a MethodView
                method = name.lower()
                setattr(view, method, _sending(getattr(view, method)))
            return view
        return cast(View, _sending(view))

    @staticmethod
    def check_etag(etag_data: Versioned, etag_schema: object = None) -> None:
        """Raise a ProblemError: 428 without If-Match, 412 if it names another version."""
        g.is_version_checked = True
        check_if_match(etag_data)

    @staticmethod
    def set_etag(etag_data: Versioned, etag_schema: object = None) -> None:
        """Send this row's version as the ETag.

        Raises:
            ProblemError: 412, if the If-Match of a GET or HEAD request names another version.
        """
        if request.method in READING and "If-Match" in request.headers:
            check_if_match(etag_data)
        g.row_version = etag_data.version


def _sending(view: Callable[..., Any]) -> Callable[..., Response]:
    @wraps(view)
    def send(*args: Any, **kwargs: Any) -> Response:
        response: Response = current_app.ensure_sync(view)(*args, **kwargs)
        version, is_checked = g.pop("row_version", None), g.pop("is_version_checked", False)
        if request.method in CHECKING and not is_checked:
            raise RuntimeError(f"{request.endpoint} did not call `blueprint.check_etag(row)`.")
        return response if version is None else _with_etag(response, str(version))

    describe_etag(send)
    return send


def check_if_match(row: Versioned) -> None:
    """Raise a ProblemError: 428 without If-Match, 412 if it names another version."""
    given = request.headers.get("If-Match")
    if given is None:
        raise ProblemError(428)
    tags = _tags(given) if _entity_tags(given) else []
    if given.strip() != "*" and ("", str(row.version)) not in tags:
        raise ProblemError(412, WEAK if ("W/", str(row.version)) in tags else "")


def representation(schema: Schema, row: Versioned, status: int = 200) -> Response:
    """Return the row as JSON with its ETag, for views that build the response themselves."""
    if request.method in READING and "If-Match" in request.headers:
        check_if_match(row)
    response = jsonify(schema.dump(row))
    response.status_code = status
    return _with_etag(response, str(row.version))


def _with_etag(response: Response, etag: str) -> Response:
    # Werkzeug's `make_conditional` also evaluates dates: irrelevant here, and some make it fail.
    if request.method in READING and request.if_none_match.contains_weak(etag):
        kept = [(name, value) for name, value in response.headers if name in KEPT]
        response = Response(status=304, headers=kept)
    response.set_etag(etag)
    return response
