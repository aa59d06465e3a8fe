"""The application's routes, as requests that a test can send."""

import re
from collections.abc import Iterator
from typing import Any

import schemathesis
from flask import Flask
from werkzeug.routing import Rule

from .service import service_of


def every_request(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Yield each rule with each of its methods and a path that it matches."""
    with app.test_request_context():
        urls = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            path = urls.build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield rule, method, path


def described_path(rule: Rule) -> str:
    """Return the path of a rule as the OpenAPI document writes it."""
    return re.sub(r"<(?:[^<>]*:)?([^<>]+)>", r"{\1}", rule.rule)


def declared(app: Flask) -> dict[tuple[str, str], Any]:
    """Return the declarations of each route, by its OpenAPI path and method."""
    return {
        (described_path(rule), method): service_of(app).routes.of(rule.endpoint, method)
        for rule, method, _ in every_request(app)
    }


def description(app: Flask) -> schemathesis.BaseSchema:
    """Load the service's OpenAPI document, to generate valid requests from."""
    described: schemathesis.BaseSchema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    return described
