"""CORS: pages from other origins may call the service only if their origin is configured."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ...conftest import MakeApp

ORIGIN = "https://app.example.com"


def cross_origin(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.startswith("Access-Control")}


def preflight(client: FlaskClient, origin: str) -> TestResponse:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    return client.options("/api/health", headers=headers)


def test_cross_origin_requests_are_not_allowed_by_default(client: FlaskClient) -> None:
    answer = client.get("/livez", headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert not cross_origin(answer)
    assert not cross_origin(preflight(client, ORIGIN))
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/livez", "/nothing"])
def test_configured_origin_may_read_responses_and_errors(make_app: MakeApp, path: str) -> None:
    client = make_app(cors_origins=[ORIGIN]).test_client()
    answer = client.get(path, headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Origin" in answer.vary


@pytest.mark.parametrize(
    "origin", ["null", "https://evil.com", f"{ORIGIN}.evil.com", ORIGIN.upper(), f"{ORIGIN}:444"]
)
def test_other_origins_get_no_cors_headers(make_app: MakeApp, origin: str) -> None:
    client = make_app(cors_origins=[ORIGIN]).test_client()
    answer = client.get("/livez", headers={"Origin": origin})
    assert answer.status_code == 200
    assert not cross_origin(answer)
    assert "Origin" in answer.vary
    assert not cross_origin(preflight(client, origin))


def test_preflight_lists_allowed_methods_and_headers(make_app: MakeApp) -> None:
    answer = preflight(make_app(cors_origins=[ORIGIN]).test_client(), ORIGIN)
    assert answer.status_code == 204
    allowed = cross_origin(answer)
    assert "PATCH" in allowed["Access-Control-Allow-Methods"]
    assert {"If-Match", "traceparent"} <= {*allowed["Access-Control-Allow-Headers"].split(", ")}
    assert allowed["Access-Control-Allow-Origin"] == ORIGIN
