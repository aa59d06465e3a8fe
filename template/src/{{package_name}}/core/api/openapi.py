"""OpenAPI: blueprints that read and describe requests, and the document made from them."""

import functools
import json
from collections.abc import Callable
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import flask_smorest
from flask import Flask, jsonify
from flask.json.provider import DefaultJSONProvider
from marshmallow import Schema
from werkzeug.routing import IntegerConverter

from ..errors import DETAILS
from .json_body import StrictParser

View = TypeVar("View", bound=Callable[..., Any])

COMPONENTS = Path(__file__).with_name("components.json")  # schemas that no model has
IF_MATCH = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key gets the same answer for a day.",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"},
}


class AsciiInteger(IntegerConverter):
    """An id: ASCII digits; what no column holds becomes 0, which is no row's."""

    regex = "[0-9]+"  # the library's own takes the digits of every script

    def to_python(self, value: str) -> int:
        # Werkzeug's own `max` would answer 405 to every method but its rule's first.
        number: int = super().to_python(value)
        return number if number < 2**31 else 0


class Decorate(Protocol):  # keeps the type of the view
    def __call__(self, view: View, /) -> View: ...


class ApiBlueprint:
    """Routes whose decorators both read the request and describe it in the document."""

    def __init__(self, name: str, description: str, prefix: str = "", public: bool = False) -> None:
        self.smorest: Any = flask_smorest.Blueprint(
            name, name, url_prefix=prefix or None, description=description
        )
        self.smorest.ARGUMENTS_PARSER = StrictParser()
        self._public = public

    def route(self, rule: str, method: str) -> Decorate:
        """Serve `method` of `rule`; the view's docstring is its description."""

        def register(view: View) -> View:
            told: dict[str, Any] = {"security": []} if self._public else {}
            described = self.smorest.doc(operationId=view.__name__, **told)(view)
            self.smorest.add_url_rule(rule, view.__name__, described, methods=[method])
            return view

        return register

    def body(self, schema: Schema) -> Decorate:
        """Pass the validated body as the next argument."""
        return cast(Decorate, self.smorest.arguments(schema, location="json"))

    def query(self, schema: Schema) -> Decorate:
        """Pass the validated query arguments as the next argument."""
        return cast(Decorate, self.smorest.arguments(schema, location="query"))

    def header(self, parameter: dict[str, Any]) -> Decorate:
        """Describe a request header that the view reads."""
        return cast(Decorate, self.smorest.doc(parameters=[parameter]))

    def returns(self, status: int, schema: Schema | None = None) -> Decorate:
        """Describe an answer; the view makes it."""
        return cast(Decorate, self.smorest.response(status, schema))

    def refuses(self, status: int, description: str = "") -> Decorate:
        """Describe a problem that the view's own work can raise."""
        described = {str(status): _problem_response(status, description)}
        return cast(Decorate, self.smorest.doc(responses=described))


class Api:
    """The routes that the document describes; /api/openapi.json serves it."""

    def __init__(self, app: Flask) -> None:
        app.json = DefaultJSONProvider(app)
        app.json.sort_keys = False  # members stay in the order of their schemas
        app.url_map.converters["int"] = AsciiInteger
        summary = metadata(__package__.partition(".")[0])
        app.config.update(
            API_TITLE=summary["Name"],
            API_VERSION=summary["Version"],
            OPENAPI_VERSION="3.1.0",
            API_SPEC_OPTIONS={"info": {"description": summary["Summary"]}},
        )
        self._smorest: Any = flask_smorest.Api()
        # The library's own error shape is left out; name_errors describes this service's.
        self._smorest.DEFAULT_ERROR_RESPONSE_NAME = None
        self._smorest.ERROR_SCHEMA = {}
        self._smorest.init_app(app)
        self._app = app
        self._blueprints: list[Any] = []
        self.amendments: list[Callable[[dict[str, Any]], None]] = []
        for name, component in json.loads(COMPONENTS.read_bytes()).items():
            self._smorest.spec.components.schema(name, component)

    def register(self, *blueprints: ApiBlueprint) -> None:
        """Serve their routes; they are described when the document is asked for."""
        for blueprint in blueprints:
            self._app.register_blueprint(blueprint.smorest)
            self._blueprints.append(blueprint.smorest)

    def ask_for_bearer(self, description: str) -> None:
        """Describe that every route wants a bearer credential, but for the public ones."""
        scheme = {"type": "http", "scheme": "bearer", "description": description}
        self._smorest.spec.components.security_scheme("bearer", scheme)
        self._smorest.spec.options["security"] = [{"bearer": []}]

    @functools.cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        api = self._smorest
        for part in self._blueprints:
            part.register_views_in_doc(api, self._app, api.spec, name=part.name, parameters=None)
            api.spec.tag({"name": part.name, "description": part.description})
        document = name_errors(api.spec.to_dict())
        for amend in self.amendments:
            amend(document)
        return document


def init_app(app: Flask, *, enabled: bool = True) -> Api:
    """Serve /api/openapi.json, if it is enabled."""
    api = Api(app)
    if enabled:
        app.add_url_rule("/api/openapi.json", "openapi", lambda: jsonify(api.document))
    return api


def name_errors(document: dict[str, Any]) -> dict[str, Any]:
    """Add to each operation the problems that its parts can raise."""
    for operations in document["paths"].values():
        shared = operations.get("parameters", [])
        for operation in (operations[method] for method in operations if method != "parameters"):
            parameters = [*operation.get("parameters", []), *shared]
            security = operation.get("security", document.get("security"))
            responses = operation["responses"]
            for status in sorted(_problems(operation, parameters, security)):
                described = responses.get(str(status), {"$ref": ""})
                if "$ref" in described:
                    responses[str(status)] = _problem_response(status)
    document["components"].pop("responses", None)
    return document


def _problems(operation: Any, parameters: list[Any], security: Any) -> set[int]:
    places = {parameter["in"] for parameter in parameters}
    causes = {
        401: bool(security),
        404: "path" in places,
        409: "requestBody" in operation,
        412: IF_MATCH in parameters,
        413: "requestBody" in operation,
        415: "requestBody" in operation,
        422: "requestBody" in operation or "query" in places or IDEMPOTENCY_KEY in parameters,
        428: IF_MATCH in parameters,
        429: security != [],
    }
    return {400, 403, 500, 503} | {status for status, raised in causes.items() if raised}


def _problem_response(status: int, description: str = "") -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description or DETAILS[status], "content": content}
