"""OpenAPI: generates the document from routes and declarations, and serves /api/openapi.json."""

import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import metadata
from typing import Any

import flask_smorest
from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from ..errors import DETAILS, handle_http_exception
from ..service import service_of
from . import components, converters
from .blueprint import IDEMPOTENCY_KEY, IF_MATCH, PROBLEM
from .declarations import Declaration, declare

IF_MATCH_OF_ETAG = {"$ref": "#/components/parameters/IF_MATCH"}
NOT_MODIFIED = {"description": "The client already has this version."}


class Api(flask_smorest.Api):  # type: ignore[misc] # untyped library
    """flask-smorest's `Api`; its document lists every problem that an operation can return."""

    DEFAULT_ERROR_RESPONSE_NAME = None  # `_name_problems` adds this service's
    ERROR_SCHEMA: dict[str, Any] = {}
    _names_scopes = False

    def init_app(self, app: Flask, *, spec_kwargs: dict[str, Any] | None = None) -> None:
        """Initialize the API; it describes the routes registered from now on."""
        app.json = DefaultJSONProvider(app)
        app.json.sort_keys = False  # keep the field order of the schemas
        summary = metadata(__package__.partition(".")[0])
        app.config.update(
            API_TITLE=summary["Name"],
            API_VERSION=summary["Version"],
            OPENAPI_VERSION="3.1.0",
            API_SPEC_OPTIONS={
                "info": {"description": summary["Summary"]},
                "security": [],
            },
        )
        super().init_app(app, spec_kwargs=spec_kwargs)
        app.url_map.converters[converters.NAME] = converters.IdConverter
        self.register_converter(converters.IdConverter, converters.described)
        components.register(self.spec)

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Respond with a problem, no matter which error handler is registered last."""
        return handle_http_exception(error)

    def require_bearer(self, description: str, *, scopes: bool = False) -> None:
        """Document that every route except the public ones requires a bearer credential.

        `scopes`: also document the scope that each route requires.
        """
        scheme = {"type": "http", "scheme": "bearer", "description": description}
        self.spec.components.security_scheme("bearer", scheme)
        self.spec.options["security"] = [{"bearer": []}]
        self._names_scopes = scopes

    @functools.cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        document: dict[str, Any] = self.spec.to_dict()
        operations = list(_operations(self._app, document))
        _name_operations(operations)
        for operation in operations:
            if operation.declared.public:
                operation.described["security"] = []
            elif self._names_scopes and operation.scope is not None:
                operation.described["security"] = [{"bearer": [operation.scope]}]
            _name_problems(operation, document.get("security"))
        components.tidy(document)
        return document


def init_app(app: Flask, *, enabled: bool = True) -> Api:
    """Describe the API, and serve /api/openapi.json if `enabled`."""
    api = Api(app)
    if enabled:

        @app.get("/api/openapi.json", endpoint="openapi")
        @declare(public=True, exempt={"document": "It is the document."})
        def serve_document() -> Response:
            servers = [{"url": request.script_root or "/"}]  # of a proxy's path prefix
            return jsonify(api.document | {"servers": servers})

    return api


@dataclass(frozen=True)
class Operation:
    """An operation in the document, and the route that it describes."""

    endpoint: str
    name: str
    declared: Declaration
    scope: str | None
    described: dict[str, Any]
    parameters: list[Any]  # including those of its path


def _operations(app: Flask, document: dict[str, Any]) -> Iterator[Operation]:
    routes = service_of(app).routes
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<>]*:)?([^<>]+)>", r"{\1}", rule.rule)
        item = document["paths"].get(path, {})
        for method in sorted(rule.methods or ()):
            if described := item.get(method.lower()):
                name = rule.endpoint.rpartition(".")[2]
                is_class = hasattr(app.view_functions[rule.endpoint], "view_class")
                yield Operation(
                    endpoint=rule.endpoint,
                    name=f"{method.lower()}_{name}" if is_class else name,
                    declared=routes.of(rule.endpoint, method),
                    scope=routes.scope_of(rule.endpoint, method),
                    described=described,
                    parameters=[*described.get("parameters", []), *item.get("parameters", [])],
                )


def _name_operations(operations: list[Operation]) -> None:
    """Set each operationId to the view's name: generated clients use it for function names."""
    names = Counter(operation.name for operation in operations)
    for operation in operations:
        name, blueprint = operation.name, operation.endpoint.rpartition(".")[0]
        unique = name if names[name] == 1 else f"{blueprint.replace('.', '_')}_{name}"
        operation.described.setdefault("operationId", unique)


def _name_problems(operation: Operation, security: Any) -> None:
    """Document the problem responses that the parts of an operation can cause."""
    responses = operation.described["responses"]
    security = operation.described.get("security", security)
    # flask-smorest adds its own error responses as references.
    named = {int(status) for status, described in responses.items() if "$ref" in described}
    for status in sorted(named | (_problems(operation, security) - {*map(int, responses)})):
        responses[str(status)] = NOT_MODIFIED if status == 304 else _problem_response(status)


def _problems(operation: Operation, security: Any) -> set[int]:
    places = {parameter.get("in") for parameter in operation.parameters}
    has_body = "requestBody" in operation.described
    needs_version = any(each in operation.parameters for each in (IF_MATCH, IF_MATCH_OF_ETAG))
    causes = {
        401: bool(security),
        404: "path" in places,
        409: has_body,
        412: needs_version,
        413: has_body,
        415: has_body,
        422: has_body or "query" in places or IDEMPOTENCY_KEY in operation.parameters,
        428: needs_version,
        429: "rate_limit" not in operation.declared.exempt,
    }
    return {400, 403, 500, 503} | {status for status, raised in causes.items() if raised}


def _problem_response(status: int) -> dict[str, Any]:
    return {
        "description": DETAILS[status],
        "content": {"application/problem+json": {"schema": PROBLEM}},
    }
