"""Health checks: liveness checks nothing, readiness the required parts, and neither hangs."""

import datetime as dt
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import make_url

from ..conftest import PATIENCE, MakeApp
from ..support.served import wait_until
from ..support.service import PACKAGE, dependencies, health

SHIPPED = (dependencies.DEADLINE, dependencies.FRESH)
CALLERS = 4


class Part:
    """A dependency that can fail or hang, and counts how often it is checked."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __call__(self) -> None:
        self.asked += 1
        assert self.goes_on.wait(2 * PATIENCE)
        if self.fails:
            raise ConnectionError


@pytest.fixture
def part() -> Iterator[Part]:
    part = Part()
    yield part
    part.goes_on.set()


@pytest.fixture
def lost_app(make_app: MakeApp, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application without its database: a missing folder, or a port that refuses connections."""
    url = make_url(database_url)
    with socket.socket() as refuses:
        refuses.bind(("127.0.0.1", 0))
        if url.get_backend_name() == "sqlite":
            url = url.set(database=str(tmp_path / "missing" / "lost.db"))
        else:
            url = url.set(host="127.0.0.1", port=refuses.getsockname()[1], query={})
        yield make_app(database_url=url.render_as_string(hide_password=False))


def watching(app: Flask, part: Part, *, required: bool = True) -> FlaskClient:
    health.add_dependency(app, "part", part, required=required)
    return app.test_client()


def test_a_working_service_is_alive_ready_and_healthy(client: FlaskClient) -> None:
    before = dt.datetime.now(dt.UTC)
    assert client.get("/livez").get_json() == {"status": "alive"}
    assert client.get("/readyz").get_json() == {"status": "ready"}
    answer = client.get("/api/health")
    assert answer.status_code == 200
    report = answer.get_json()
    assert report["status"] == "healthy"
    assert report["version"] == version(PACKAGE)
    assert report["dependencies"]["database"] == "up"
    assert set(report["dependencies"].values()) == {"up"}
    assert before <= dt.datetime.fromisoformat(report["timestamp"]) <= dt.datetime.now(dt.UTC)


def test_service_without_its_database_is_alive_but_not_ready(lost_app: Flask) -> None:
    client = lost_app.test_client()
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.get_json()["detail"] == "Not ready: database."
    assert int(answer.headers["Retry-After"]) > 0


def test_service_without_its_database_is_unhealthy(lost_app: Flask) -> None:
    answer = lost_app.test_client().get("/api/health")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "unhealthy")
    assert answer.get_json()["dependencies"]["database"] == "down"


def test_failing_optional_dependency_only_degrades_the_service(
    make_app: MakeApp, part: Part
) -> None:
    part.fails = True
    client = watching(make_app(), part, required=False)
    answer = client.get("/api/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "degraded")
    assert answer.get_json()["dependencies"]["part"] == "down"
    assert client.get("/readyz").status_code == 200


def test_recovered_dependency_makes_the_service_ready_again(
    make_app: MakeApp, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "FRESH", 0)
    client = watching(make_app(), part)
    statuses = []
    for fails in (False, True, False):
        part.fails = fails
        statuses.append(client.get("/readyz").status_code)
    assert statuses == [200, 503, 200]


def test_dependency_is_not_checked_again_while_its_result_is_fresh(
    make_app: MakeApp, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "FRESH", 60)
    client = watching(make_app(), part)
    assert [client.get(path).status_code for path in ("/readyz", "/api/health") * 5] == [200] * 10
    assert part.asked == 1


def test_dependency_check_deadline_and_freshness_are_one_second() -> None:
    assert SHIPPED == (1, 1)


def test_hanging_dependency_is_checked_once_and_within_the_deadline(
    make_app: MakeApp, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "DEADLINE", 0.1)
    monkeypatch.setattr(dependencies, "FRESH", 0)
    app = make_app()
    watching(app, part)
    part.goes_on.clear()

    def ask() -> int:
        return app.test_client().get("/readyz").status_code

    started = time.monotonic()
    with ThreadPoolExecutor(CALLERS) as callers:
        asked = [callers.submit(ask) for _ in range(CALLERS)]
        assert [answer.result() for answer in asked] == [503] * CALLERS
    assert time.monotonic() - started < PATIENCE
    assert part.asked == 1

    part.goes_on.set()
    monkeypatch.setattr(dependencies, "DEADLINE", PATIENCE)
    wait_until(lambda: ask() == 200)
