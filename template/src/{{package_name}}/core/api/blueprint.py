"""Blueprint: flask-smorest's, whose arguments are parsed strictly."""

from collections.abc import Callable, Mapping
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
IF_MATCH = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repeated key gets the first response again for a day.",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"},
}


class Decorator(Protocol):
    """Keeps the type of the view."""

    def __call__(self, view: View, /) -> View: ...


class Serializer(Protocol):
    """Makes a response of what the view returns."""

    def __call__(self, view: Callable[P, Any], /) -> Callable[P, Response]: ...


class Blueprint(ETagMixin, flask_smorest.Blueprint):  # type: ignore[misc] # which has no types
    """flask-smorest's `Blueprint`.

    Bodies and query arguments are parsed strictly: what no schema knows is rejected. A view that
    answers for everybody, needs a scope of its own or is exempt from a rule declares it with
    `declare`. `public` and `exempt` hold for the blueprint's own routes, not for those of nested
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
        """Serve the rule; the view's docstring is its summary in the document."""
        return cast(Decorator, super().route(rule, **options))

    def arguments(self, schema: Schema | type[Schema], **options: Any) -> Decorator:
        """Pass the parsed body as the next argument, or with `location="query"` the query arguments."""
        return cast(Decorator, super().arguments(schema, **options))

    def response(
        self, status_code: int, schema: Schema | type[Schema] | None = None, **options: Any
    ) -> Serializer:
        """Serialize what the view returns; a `Response` is sent as it is."""
        return cast(Serializer, super().response(status_code, schema, **options))

    def alt_response(
        self, status_code: int, response: str | None = None, **options: Any
    ) -> Decorator:
        """Describe another response; an error without a schema is a problem."""
        if status_code >= 400 and response is None and not options.get("schema"):
            described = {"description": DETAILS.get(status_code), "schema": PROBLEM}
            options = described | {"content_type": "application/problem+json"} | options
        return cast(Decorator, super().alt_response(status_code, response, **options))

    @staticmethod
    def doc(**described: Any) -> Decorator:
        """Add to the description of the operation; `parameters` to those that it has."""
        parameters = described.pop("parameters", [])
        decorate = flask_smorest.Blueprint.doc(**described)

        def decorator(view: View) -> View:
            described_view = cast(View, decorate(view))
            add_parameters(described_view, parameters)
            return described_view

        return decorator
