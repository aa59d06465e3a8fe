"""Request log: request IDs, and the access line that is logged once a response is sent."""

import re

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from ...conftest import MakeApp
from ...support.apps import Log, client_of, written_log

ACCESS_LINE = {
    "client",
    "duration_ms",
    "level",
    "logger",
    "message",
    "method",
    "request_id",
    "route",
    "status",
    "time",
}


@pytest.mark.parametrize("request_id", ["12345678", "a.b-c_D9", "x" * 128])
def test_valid_request_id_is_kept(client: FlaskClient, request_id: str) -> None:
    answer = client.get("/nothing", headers={"X-Request-ID": request_id})
    assert answer.headers.getlist("X-Request-ID") == [request_id]
    assert answer.json is not None
    assert answer.json["request_id"] == request_id


@pytest.mark.parametrize(
    "request_id",
    [
        "",
        "1234567",
        "x" * 129,
        "with a space",
        "line\nfeed-line",
        'quote"quote',
        "<script>",
        "ünïcödé-",
    ],
)
def test_invalid_request_id_is_replaced(client: FlaskClient, request_id: str) -> None:
    answer = client.get("/nothing", environ_overrides={"HTTP_X_REQUEST_ID": request_id})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert answer.json is not None
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_every_request_gets_its_own_id(client: FlaskClient) -> None:
    assert len({client.get("/livez").headers["X-Request-ID"] for _ in range(3)}) == 3


@pytest.fixture
def logged(make_app: MakeApp) -> tuple[Flask, Log]:
    """An application with routes, and its log."""
    with written_log() as log:
        app = make_app(log_level="INFO")

    @app.route("/things/<name>", methods=["GET", "PATCH"])
    def thing(name: str) -> str:
        structlog.get_logger("inside").info("at work")
        return "canary of the answer"

    @app.get("/fault")
    def fault() -> str:
        raise RuntimeError("canary of the message")

    return app, log


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/things/canary?page=canary", "/things/<name>", 200),
        ("PATCH", "/things/canary", "/things/<name>", 200),
        ("OPTIONS", "/things/canary", "/things/<name>", 200),
        ("GET", "/livez?canary", "/livez", 200),
        ("GET", "/canary/nothing", "unmatched", 404),
        ("DELETE", "/things/canary", "unmatched", 405),
        ("GET", "/fault", "/fault", 500),
    ],
)
def test_access_line_has_only_the_expected_fields(
    logged: tuple[Flask, Log],
    credential: dict[str, str],
    method: str,
    path: str,
    route: str,
    status: int,
) -> None:
    app, log = logged
    answer = client_of(app, credential).open(
        path,
        method=method,
        data="canary of the body",
        headers={"User-Agent": "canary", "Cookie": "a=canary", "Referer": "https://canary"},
    )
    answer.close()
    assert answer.status_code == status
    line = log.last()
    assert set(line) - {"owner"} == ACCESS_LINE
    assert ("owner" in line) == (bool(credential) and route != "/livez")
    assert line["client"] == "127.0.0.1"
    assert (line["logger"], line["message"], line["level"]) == ("access", "request", "info")
    assert (line["method"], line["route"], line["status"]) == (method, route, status)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert 0 <= line["duration_ms"] < 10_000
    assert "canary" not in log.getvalue()
    for secret in credential.values():
        assert secret.rpartition(" ")[2] not in log.getvalue()


def test_log_lines_of_a_request_share_its_id(
    logged: tuple[Flask, Log], credential: dict[str, str]
) -> None:
    app, log = logged
    client = client_of(app, credential)
    for request_id in ("first-request", "second-request"):
        client.get("/things/1", headers={"X-Request-ID": request_id}).close()
        inside, access = log.lines()[-2:]
        assert inside["message"] == "at work"
        assert inside["request_id"] == access["request_id"] == request_id


@pytest.mark.parametrize(
    ("app_env", "path"), [("development", "/no%E2%80%A8%0Athing"), ("production", None)]
)
def test_path_is_logged_in_development_only_and_percent_encoded(
    make_app: MakeApp, app_env: str, path: str | None
) -> None:
    with written_log() as log:
        client = make_app(log_level="INFO", app_env=app_env).test_client()
    client.get("/no%E2%80%A8%0Athing").close()
    assert log.last().get("path") == path
    assert log.getvalue().isascii()
