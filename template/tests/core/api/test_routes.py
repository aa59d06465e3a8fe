"""Every route, including those you add: rate limited, documented, and strict about methods."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ...conftest import MakeApp
from ...support.routes import described_path, every_request
from ...support.service import service_of

WITH_A_BODY = {"POST", "PUT", "PATCH"}
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"]


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document that the service serves."""
    described: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return described


def test_every_route_is_rate_limited_unless_declared_exempt(make_app: MakeApp) -> None:
    app = make_app(ratelimit_default="1 per minute")
    client = app.test_client()
    for number, (rule, method, path) in enumerate(every_request(app)):
        peer = {"REMOTE_ADDR": f"198.51.100.{number}"}
        statuses = [
            client.open(path, method=method, environ_overrides=peer).status_code for _ in range(2)
        ]
        assert statuses[0] != 429
        exempt = "rate_limit" in service_of(app).routes.of(rule.endpoint, method).exempt
        assert (statuses[1] == 429) == (not exempt), (
            f"{method} {path}: remove `limiter.exempt`, or declare the reason with"
            ' `@blueprint.declare(exempt={"rate_limit": "..."})`.'
        )


def test_every_route_is_documented_and_every_body_has_a_schema(
    app: Flask, caller: FlaskClient, document: dict[str, Any]
) -> None:
    for rule, method, path in every_request(app):
        declared = service_of(app).routes.of(rule.endpoint, method)
        if "document" in declared.exempt or method == "HEAD":
            continue
        operation = document["paths"].get(described_path(rule), {}).get(method.lower())
        assert operation, (
            f"{method} {rule.rule} is not documented: register its blueprint with"
            " `api.register_blueprint`, or declare the reason with"
            ' `@declare(exempt={"document": "..."})`.'
        )
        if method in WITH_A_BODY and "requestBody" not in operation:
            # A view without a documented body must not read it, so it accepts even invalid JSON.
            answer = caller.open(path, method=method, data=b"{", content_type="text/plain")
            assert answer.status_code in (200, 201, 202, 204, 404), rule
        elif method in WITH_A_BODY:
            content = operation["requestBody"]["content"]
            assert set(content) == {"application/json"}, rule
            assert content["application/json"]["schema"], rule


def test_every_route_rejects_other_methods_and_lists_its_own(make_app: MakeApp) -> None:
    app = make_app(ratelimit_enabled=False)
    client = app.test_client()
    offered: dict[str, set[str]] = {}
    for rule, _, path in every_request(app):
        offered.setdefault(path, set()).update(rule.methods or ())
    for path, methods in offered.items():
        for method in sorted(set(EVERY_METHOD) - methods):
            answer = client.open(path, method=method)
            assert answer.status_code == 405, (method, path)
            assert answer.content_type == "application/problem+json"
            assert {name.strip() for name in answer.headers["Allow"].split(",")} == methods
