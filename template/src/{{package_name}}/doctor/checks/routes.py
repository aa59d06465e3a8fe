"""Routes: every body has a schema, and the API page is off; with helpers for other checks."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from marshmallow import Schema

from ...core.api.apidoc import argument_schemas
from ..context import Context
from ..registry import Located, check

WITH_A_BODY = {"POST", "PUT", "PATCH"}
READING = {"data", "files", "form", "get_data", "get_json", "json", "stream", "values"}


def views(app: Flask) -> Iterator[tuple[str, set[str], Callable[..., Any]]]:
    """Yield each endpoint with its methods and its view function, or each method of a class."""
    for rule in app.url_map.iter_rules():
        methods = rule.methods or set()
        view = app.view_functions[rule.endpoint]
        kind = getattr(view, "view_class", None)
        if kind is None:
            yield rule.endpoint, methods, view
            continue
        for method in methods:
            if function := getattr(kind, method.lower(), None):
                yield rule.endpoint, {method}, function


def schemas(view: Callable[..., Any]) -> list[tuple[str, Schema]]:
    """Return what a view's decorators read: the location in the request, and the schema."""
    found = argument_schemas(view)
    made = [(place, kind() if isinstance(kind, type) else kind) for place, kind in found]
    return [(place, schema) for place, schema in made if isinstance(schema, Schema)]


@check(
    "APP003",
    "warning",
    "A route reads its body without a schema",
    why="It accepts anything: unknown fields, wrong types, text longer than its column.",
    remedy="""
        Declare a schema above the view, and use the values that it passes in:
            @blueprint.arguments(OrderIn())""",
    source="OWASP ASVS 2.2; API3:2023",
)
def bodies(context: Context) -> Iterator[str]:
    """Whether the code of POST, PUT and PATCH views reads the request body itself."""
    for endpoint, methods, view in views(context.app):
        described = {place for place, _ in schemas(view)} & {"json", "form", "files"}
        names = set(inspect.unwrap(view).__code__.co_names)
        reads = "read_json" in names or ("request" in names and names & READING)
        if methods & WITH_A_BODY and reads and not described:
            yield Located.at(view, f"The route {endpoint} reads its body without a schema.")


@check(
    "APP005",
    "warning",
    "The API page is served in production",
    why="Anyone can read there how to call every route, and try it.",
    remedy="""
        Do not serve it; if the API is meant to be public, silence this check with that reason:
            unset API_DOCS_ENABLED""",
    source="OWASP ASVS 13.4.5",
    deploy=True,
)
def api_page(context: Context) -> Iterator[str]:
    """Whether API_DOCS_ENABLED is true, and OPENAPI_ENABLED is not false."""
    if context.settings.api_docs_enabled and context.settings.openapi_enabled:
        yield "API_DOCS_ENABLED is true."
