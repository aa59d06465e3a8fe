"""Every route of the service, whatever is added to it: limited, described, and strict on methods."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ...conftest import MakeApp
from ...support.routes import every_request

# Probes and the report on them must not spend what a client may ask for.
UNLIMITED = {"health.livez", "health.readyz", "health.report"}
UNDESCRIBED = {"openapi"}
WITH_A_BODY = {"POST", "PUT", "PATCH"}
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"]


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The description that the service gives of itself."""
    described: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return described


def described_path(rule: str) -> str:
    return re.sub(r"<(?:[^<>]*:)?([^<>]+)>", r"{\1}", rule)


def test_every_route_is_limited_but_for_the_exempt(make_app: MakeApp) -> None:
    app = make_app(ratelimit_default="1 per minute")
    client = app.test_client()
    for number, (rule, method, path) in enumerate(every_request(app)):
        peer = {"REMOTE_ADDR": f"198.51.100.{number}"}
        statuses = [
            client.open(path, method=method, environ_overrides=peer).status_code for _ in range(2)
        ]
        assert statuses[0] != 429
        assert (statuses[1] == 429) == (rule.endpoint not in UNLIMITED), (method, path)


def test_every_route_is_described_and_every_body_has_a_schema(
    app: Flask, caller: FlaskClient, document: dict[str, Any]
) -> None:
    for rule, method, path in every_request(app):
        if rule.endpoint in UNDESCRIBED or method == "HEAD":
            continue
        operation = document["paths"][described_path(rule.rule)][method.lower()]
        if method in WITH_A_BODY and "requestBody" not in operation:
            # What is not described is not read, either: nothing of it is refused.
            answer = caller.open(path, method=method, data=b"{", content_type="text/plain")
            assert answer.status_code in (201, 204, 404), rule
        elif method in WITH_A_BODY:
            content = operation["requestBody"]["content"]
            assert set(content) == {"application/json"}, rule
            assert content["application/json"]["schema"], rule


def test_every_route_refuses_other_methods_and_names_its_own(make_app: MakeApp) -> None:
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
