"""The model's API while it is down: not called, reported as down, and its key is never shown."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ...conftest import PATIENCE, MakeApp
from ...support import model_faults as faults
from ...support.apps import client_of, written_log
from ...support.asking import app_that_asks
from ...support.model_api import Behaviour, Handler, ModelAPI, good, running_model_api
from ...support.model_faults import says
from ...support.served import wait_until
from ...support.service import circuit_breaker, upstream

KEY = "key-that-nobody-may-see"
Say = Callable[[], TestResponse]


@pytest.fixture
def api() -> Iterator[ModelAPI]:
    with running_model_api() as api:
        api.key = KEY
        yield api


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry without pauses."""
    monkeypatch.setattr(upstream, "PAUSES", (0, 0))


@pytest.fixture
def say(make_app: MakeApp, api: ModelAPI) -> Say:
    app = app_that_asks(make_app, api)
    return lambda: client_of(app).post("/say")


@pytest.mark.parametrize("status", [500, 401, 403])
def test_breaker_opens_allows_one_trial_and_closes(
    api: ModelAPI, say: Say, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    api.usual = says(b"", status)
    assert [say().status_code for _ in range(circuit_breaker.FAILURES)] == [
        502
    ] * circuit_breaker.FAILURES
    answer = say()
    assert answer.status_code == 503
    assert 0 < int(answer.headers["Retry-After"]) <= circuit_breaker.PAUSE
    assert len(api.asked) == circuit_breaker.FAILURES
    monkeypatch.setattr(circuit_breaker, "PAUSE", 0)
    assert say().status_code == 502
    api.usual = good
    assert [say().status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("status", [400, 404, 422, 429])
def test_upstream_client_errors_do_not_open_the_breaker(
    api: ModelAPI, say: Say, status: int
) -> None:
    api.usual = says(b"", status)
    for _ in range(circuit_breaker.FAILURES):
        say()
    api.usual = good
    assert say().status_code == 200


def test_upstream_calls_leave_a_thread_for_other_requests(make_app: MakeApp, api: ModelAPI) -> None:
    released = threading.Event()

    def waits(handler: Handler) -> None:
        released.wait(PATIENCE)
        good(handler)

    app = app_that_asks(make_app, api, web_threads=3)
    api.usual = waits
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(client_of(app).post, "/say") for _ in range(2)]
        wait_until(lambda: len(api.asked) == 2)
        refused = client_of(app).post("/say")
        released.set()
        assert [call.result().status_code for call in calls] == [200, 200]
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert client_of(app).post("/say").status_code == 200


def test_health_reports_the_last_call_without_making_one(make_app: MakeApp, api: ModelAPI) -> None:
    for usual, status, state in [(good, "healthy", "up"), (says(b"", 500), "degraded", "down")]:
        app = app_that_asks(make_app, api)
        client = client_of(app)
        api.usual = usual
        client.post("/say")
        before = len(api.asked)
        report = client.get("/api/health")
        assert (report.status_code, report.get_json()["status"]) == (200, status)
        assert report.get_json()["dependencies"]["upstream"] == state
        assert client.get("/readyz").status_code == 200
        assert len(api.asked) == before


def test_upstream_timeout_near_the_deadline_logs_a_warning(
    make_app: MakeApp, api: ModelAPI
) -> None:
    for seconds, warned in [(4.4, False), (4.5, True)]:
        with written_log() as log:
            times = {"openai_timeout": seconds, "request_timeout": 5.0}
            app_that_asks(make_app, api, **times, log_level="WARNING")
        assert ("OPENAI_TIMEOUT is not below" in log.getvalue()) == warned


def test_upstream_in_a_private_network_is_rejected_unless_allowed(
    make_app: MakeApp, api: ModelAPI
) -> None:
    app = app_that_asks(make_app, api, openai_private_networks=["10.0.0.0/8"])
    assert client_of(app).post("/say").status_code == 502
    assert not api.asked


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_upstream_key_is_never_logged_or_returned(
    make_app: MakeApp, api: ModelAPI, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit_breaker, "FAILURES", 100)

    def echoes(status: int, **headers: str) -> Behaviour:
        return lambda handler: handler.reply(
            str(handler.headers).encode(), status, Echo=handler.headers["Authorization"], **headers
        )

    def garbles_headers(handler: Any) -> None:
        handler.wfile.write(f"HTTP/1.1 200 OK\r\n{KEY}\r\n: {KEY}\r\n\r\n{KEY}".encode())

    said: list[Behaviour] = [good, garbles_headers, faults.speaks_no_http, faults.closes_at_once]
    said += [echoes(status) for status in (200, 302, 400, 401, 429, 500, 503)]
    with written_log() as log:
        app = app_that_asks(make_app, api, log_level=level, openai_timeout=5)
        client = client_of(app)
        for behaviour in said:
            api.usual = behaviour
            answer = client.post("/say")
            assert KEY not in f"{answer.headers}{answer.text}"
    told = [line for line in log.lines() if line["message"].startswith("upstream ")]
    assert len(told) == len(said)
    assert KEY not in log.getvalue()
