"""Security headers: every response has them, whichever layer produced it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response
from marshmallow import Schema
from werkzeug.test import TestResponse

from ...conftest import MakeApp
from ...support.apps import client_of, further_app
from ...support.service import Blueprint, headers


@pytest.fixture(scope="module")
def answering(shared_app: Flask, some_settings: dict[str, Any]) -> Iterator[Flask]:
    """An application with routes for the statuses that would otherwise require a resource."""
    blueprint = Blueprint("here", __name__)

    @blueprint.route("/here", methods=["POST"])
    @blueprint.arguments(Schema())
    def post(body: object) -> Response:
        return Response(status=201)

    with further_app(some_settings, max_content_length=1024) as app:
        app.register_blueprint(blueprint)

        @app.get("/fault")
        def fault() -> Response:
            raise RuntimeError("a fault of ours")

        @app.get("/same")
        def same() -> Response:
            return Response(status=304)

        yield app


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/livez", {}, 200),
        ("POST", "/here", {"json": {}}, 201),
        ("OPTIONS", "/here", {}, 200),
        ("GET", "/same", {}, 304),
        ("POST", "/here", {"data": "{", "content_type": "application/json"}, 400),
        ("GET", "/nothing", {}, 404),
        ("DELETE", "/here", {}, 405),
        ("POST", "/here", {"json": "x" * 2000}, 413),
        ("POST", "/here", {"data": "x"}, 415),
        ("POST", "/here", {"json": []}, 422),
        ("GET", "/fault", {}, 500),
    ],
)
def test_every_response_has_the_security_headers(
    answering: Flask, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    answer = client_of(answering).open(path, method=method, **options)
    assert answer.status_code == status
    check_headers(answer)


def check_headers(answer: TestResponse) -> None:
    for name, value in headers.RESPONSE_HEADERS:
        assert answer.headers.getlist(name) == [value]
    assert "Server" not in answer.headers


def test_rate_limited_response_has_the_security_headers(make_app: MakeApp) -> None:
    client = make_app(ratelimit_default="1 per day").test_client()
    answers = [client.get("/nothing") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 429]
    check_headers(answers[1])


def test_security_headers_have_the_intended_values() -> None:
    found = dict(headers.RESPONSE_HEADERS)
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["X-Frame-Options"] == "DENY"
    assert found["Referrer-Policy"] == "no-referrer"
    assert found["Cache-Control"] == "no-store"
    assert "default-src 'none'" in found["Content-Security-Policy"]
    assert "max-age=63072000" in found["Strict-Transport-Security"]


def test_route_may_override_a_security_header(
    make_app: MakeApp, credential: dict[str, str]
) -> None:
    app = make_app()

    @app.get("/kept")
    def kept() -> Response:
        return Response(headers={"cache-control": "private, max-age=60"})

    answer = client_of(app, credential).get("/kept")
    assert answer.headers.getlist("Cache-Control") == ["private, max-age=60"]
