"""Requests rejected before rate limiting are counted with the client's next request."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ...conftest import MakeApp
from ...support.apps import written_log
from ...support.served import served
from ...support.service import errors, uncounted

ORIGIN = "https://here.example"
NOWHERE = "/nothing"
FOREIGN_HOST = {"Host": "elsewhere.example"}
PREFLIGHT = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
PATIENT = "30 per hour"
MALFORMED = "GET / HTTP/1.1\r\nHost : here\r\n\r\n"


@pytest.fixture
def client(make_app: MakeApp) -> FlaskClient:
    """A client of a service that allows three requests per hour."""
    changes = {"trusted_hosts": ["localhost"], "cors_origins": [ORIGIN]}
    return make_app(ratelimit_default="3 per hour", **changes).test_client()


def test_early_rejections_count_with_the_next_request(client: FlaskClient) -> None:
    for _ in range(3):
        assert client.get(NOWHERE, headers=FOREIGN_HOST).status_code == 400
    assert client.get("/livez").status_code == 200  # exempt: nothing is counted yet
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    assert client.get(NOWHERE, environ_overrides=elsewhere).status_code == 404
    assert [client.get(NOWHERE).status_code for _ in range(2)] == [429, 429]


def test_early_rejections_do_not_count_as_writes(make_app: MakeApp) -> None:
    changes = {"trusted_hosts": ["localhost"], "ratelimit_writes": "3 per hour"}
    client = make_app(ratelimit_default="100 per hour", **changes).test_client()
    for _ in range(10):
        client.post(NOWHERE, headers=FOREIGN_HOST)
    assert [client.post(NOWHERE).status_code for _ in range(4)] == [404] * 3 + [429]


def test_preflight_is_not_counted(client: FlaskClient) -> None:
    for _ in range(3):
        assert client.options(NOWHERE, headers=PREFLIGHT).status_code == 204
    assert client.get(NOWHERE).status_code == 404


def test_early_server_errors_are_not_counted(make_app: MakeApp) -> None:
    app = make_app(ratelimit_default="3 per hour")

    def fail() -> None:
        raise errors.ProblemError(503)

    app.before_request_funcs[None].insert(0, fail)
    client = app.test_client()
    assert [client.get(NOWHERE).status_code for _ in range(3)] == [503] * 3
    app.before_request_funcs[None].remove(fail)
    assert client.get(NOWHERE).status_code == 404


def test_limit_reached_by_early_rejections_is_one_security_event(make_app: MakeApp) -> None:
    with written_log() as log:
        app = make_app(ratelimit_default="3 per hour", trusted_hosts=["localhost"])
    client = app.test_client()
    for _ in range(10):
        client.get(NOWHERE, headers=FOREIGN_HOST)
    assert [client.get(NOWHERE).status_code for _ in range(2)] == [429, 429]
    assert [each["logger"] for each in log.lines()].count("audit") == 1


def test_malformed_requests_count_with_the_next_request(
    app: Flask, some_settings: dict[str, Any], tmp_path: Path
) -> None:
    changes = {"RATELIMIT_DEFAULT": PATIENT, "WEB_CONCURRENCY": "1"}
    with served(tmp_path, some_settings, **changes) as server:
        for _ in range(30):
            assert server.ask(MALFORMED).startswith("HTTP/1.1 400 ")
        # On a busy machine a slow storage may miss the count: make a few tries, below the limit.
        answers = [server.get(NOWHERE) for _ in range(5)]
    assert any(answer.startswith("HTTP/1.1 429 ") for answer in answers)


def test_old_rejections_expire_and_recent_ones_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(uncounted, "time", SimpleNamespace(monotonic=lambda: now))
    found = uncounted.Uncounted()
    found.add("stream")
    found.add("old", 5)
    now = 59.0
    found.add("stream")
    now = 61.0
    found.add("stream")
    assert (found.take("stream"), found.take("old")) == (1, 0)


def test_number_of_remembered_clients_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uncounted, "MAX_CLIENTS", 2)
    found = uncounted.Uncounted()
    for client in ("a", "b", "b", "c"):
        found.add(client)
    assert [found.take(client) for client in ("a", "b", "c", "c")] == [0, 0, 1, 0]
