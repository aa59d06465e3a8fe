"""The routes, as requests that a test can send."""

from collections.abc import Iterator

import schemathesis
from flask import Flask
from werkzeug.routing import Rule


def every_request(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Each rule with each of its methods and a path that it matches."""
    with app.test_request_context():
        urls = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            path = urls.build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
            for method in sorted((rule.methods or set()) - {"OPTIONS"}):
                yield rule, method, path


def description(app: Flask) -> schemathesis.BaseSchema:
    """What the service says of itself, to draw valid requests from."""
    described: schemathesis.BaseSchema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    return described
