"""Requests that are refused before limits count them count with their client's next."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from .apps import written_log
from .conftest import MakeApp
from .served import served
from .service import uncounted

ORIGIN = "https://here.example"
NOWHERE = "/nothing"
FOREIGN_HOST = {"Host": "elsewhere.example"}
PREFLIGHT = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
MALFORMED = "GET / HTTP/1.1\r\nHost : here\r\n\r\n"


@pytest.fixture
def client(make_app: MakeApp) -> FlaskClient:
    """Of a service that takes three requests an hour."""
    changes = {"trusted_hosts": ["localhost"], "cors_origins": [ORIGIN]}
    return make_app(ratelimit_default="3 per hour", **changes).test_client()


@pytest.mark.parametrize(
    ("method", "headers", "status"), [("GET", FOREIGN_HOST, 400), ("OPTIONS", PREFLIGHT, 204)]
)
def test_request_that_is_refused_first_counts_with_the_next(
    client: FlaskClient, method: str, headers: dict[str, str], status: int
) -> None:
    for _ in range(3):
        assert client.open(NOWHERE, method=method, headers=headers).status_code == status
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    assert client.get(NOWHERE, environ_overrides=elsewhere).status_code == 404
    assert [client.get(NOWHERE).status_code for _ in range(2)] == [429, 429]


def test_limit_that_they_reach_is_one_security_event(make_app: MakeApp) -> None:
    with written_log() as log:
        app = make_app(ratelimit_default="3 per hour", trusted_hosts=["localhost"])
    client = app.test_client()
    for _ in range(10):
        client.get(NOWHERE, headers=FOREIGN_HOST)
    assert [client.get(NOWHERE).status_code for _ in range(2)] == [429, 429]
    assert [each["logger"] for each in log.lines()].count("audit") == 1


def test_refusals_of_the_server_count_with_the_next_request(
    shared_app: Flask, some_settings: dict[str, Any], tmp_path: Path
) -> None:
    changes = {"RATELIMIT_DEFAULT": "3 per hour", "WEB_CONCURRENCY": "1"}
    with served(tmp_path, some_settings, **changes) as server:
        for _ in range(3):
            assert server.ask(MALFORMED).startswith("HTTP/1.1 400 ")
        assert server.get(NOWHERE).startswith("HTTP/1.1 429 ")


def test_older_ones_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    found = uncounted.Uncounted()
    found.add("192.0.2.1")
    monkeypatch.setattr(uncounted, "KEPT_SECONDS", 0.0)
    assert found.take("192.0.2.1") == 0


def test_so_many_clients_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uncounted, "MAX_CLIENTS", 2)
    found = uncounted.Uncounted()
    for client in ("a", "b", "b", "c"):
        found.add(client)
    assert [found.take(client) for client in ("a", "b", "c", "c")] == [0, 0, 1, 0]
