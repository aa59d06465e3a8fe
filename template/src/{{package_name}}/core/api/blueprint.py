"""Blueprint: flask-smorest's blueprint with strict argument parsing."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import flask_smorest
from flask import Response
from marshmallow import Schema

from ..errors import DETAILS
from .apidoc import add_parameters
from .declarations import Declaration, Rule, declare
from .etags import ETagMixin
from .json_body import StrictParser

P = ParamSpec("P")
View = TypeVar("View", bound=Callable[..., Any])

PROBLEM = {"$ref": "#/components/schemas/Problem"}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the version that the change is based on.",
    "schema": {"type": "string"},
    "example": '"1"',
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Repeating a key within a day returns the first response again.",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"},
}


class Decorator(Protocol):
    """A decorator that preserves the view's type."""

    def __call__(self, view: View, /) -> View: ...


class Serializer(Protocol):
    """A decorator that turns the view's return value into a response."""

    def __call__(self, view: Callable[P, Any], /) -> Callable[P, Response]: ...


def _without_content_type(decorate: Serializer) -> Serializer:
    """Remove Content-Type from 204 responses, which have no content (RFC 9110, 8.3)."""

    def decorator(view: Callable[P, Any]) -> Callable[P, Response]:
        respond = decorate(view)

        @wraps(respond)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> Response:
            response = respond(*args, **kwargs)
            if response.status_code == 204:
                response.headers.pop("Content-Type", None)
            return response

        return wrapper

    return decorator


class Blueprint(ETagMixin, flask_smorest.Blueprint):  # type: ignore[misc] # untyped library
    """flask-smorest's `Blueprint` with strict parsing and declarations.

    Bodies and query arguments are parsed strictly: fields that the schema does not define are
    rejected. A view that is public, needs its own scope or is exempt from a rule says so with
    `declare`. `public` and `exempt` apply to the blueprint's own routes, not to those of nested
    blueprints.
    """

    ARGUMENTS_PARSER = StrictParser()

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        public: bool | None = None,
        exempt: Mapping[Rule, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, import_name, **options)
        self.declaration = Declaration(public=public, exempt=exempt or {})

    declare = staticmethod(declare)

    def route(self, rule: str, **options: Any) -> Decorator:
        """Register the view for a URL rule; its docstring is its summary in the document."""
        return cast(Decorator, super().route(rule, **options))

    def arguments(self, schema: Schema | type[Schema], **options: Any) -> Decorator:
        """Pass the parsed body as the next argument, or the query if `location="query"`."""
        return cast(Decorator, super().arguments(schema, **options))

    def response(
        self, status_code: int, schema: Schema | type[Schema] | None = None, **options: Any
    ) -> Serializer:
        """Serialize the view's return value; a `Response` is sent unchanged."""
        decorate = cast(Serializer, super().response(status_code, schema, **options))
        return _without_content_type(decorate) if status_code == 204 else decorate

    def alt_response(
        self, status_code: int, response: str | None = None, **options: Any
    ) -> Decorator:
        """Document another response; an error without a schema is documented as a problem."""
        if status_code >= 400 and response is None and not options.get("schema"):
            described = {"description": DETAILS.get(status_code), "schema": PROBLEM}
            options = described | {"content_type": "application/problem+json"} | options
        return cast(Decorator, super().alt_response(status_code, response, **options))

    @staticmethod
    def doc(**described: Any) -> Decorator:
        """Add to the operation's description; `parameters` are appended to the existing ones."""
        parameters = described.pop("parameters", [])
        decorate = flask_smorest.Blueprint.doc(**described)

        def decorator(view: View) -> View:
            described_view = cast(View, decorate(view))
            add_parameters(described_view, parameters)
            return described_view

        return decorator
