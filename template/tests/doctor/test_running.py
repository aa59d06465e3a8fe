"""Running checks: concurrently, with a timeout, and regardless of checks that fail."""

import socket
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from ..conftest import PATIENCE
from ..support.service import health
from .deployment import World, part

running = part("running")
SHIPPED = dict(running.SECONDS)


@pytest.fixture
def frozen() -> Iterator[int]:
    """The port of a server that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def test_live_checks_time_out_after_two_seconds() -> None:
    assert SHIPPED["live"] == 2


def at(world: World, port: int) -> bool:
    """Point DATABASE_URL at the port; return False if the database is a file."""
    url = make_url(world.variables["DATABASE_URL"])
    if url.get_backend_name() == "sqlite":
        return False
    url = url.set(host="127.0.0.1", port=port, query={})
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    return True


def test_frozen_server_is_reported_within_the_timeout(
    world: World, frozen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(running.SECONDS, "live", 4.0)
    # A busy machine needs longer to find the cause, after the database has not responded.
    monkeypatch.setattr(part("facts"), "SPARE", 2.5)

    def hang(app: Flask) -> None:
        health.add_dependency(app, "frozen", lambda: time.sleep(2 * PATIENCE), required=False)

    world.changes.append(hang)
    expected = {"DEP001"} | ({"DB001"} if at(world, frozen) else set())
    started = time.monotonic()
    report = world.diagnose("--live")
    assert time.monotonic() - started < PATIENCE
    found = {each["id"]: each["detail"] for each in report["findings"]}
    assert expected <= set(found)
    assert found["DEP001"] == "The check timed out after 4 seconds."
    if "DB001" in expected:
        said = "Timeout: the server accepts connections, but does not respond."
        assert found["DB001"] == said


def test_failing_check_is_reported_and_the_others_run(world: World) -> None:
    def break_off(app: Flask) -> None:
        app.view_functions.pop("openapi")  # some checks read it

    world.changes.append(break_off)
    report = world.diagnose("--deploy")
    details = {each["id"]: each["detail"] for each in report["findings"]}
    assert details["LIM003"] == "The check itself failed (KeyError)."
    assert "DB004" in report["passed"]


def test_invalid_settings_are_reported_and_other_checks_are_skipped(world: World) -> None:
    world.variables["PORT"] = "eighty"
    report = world.diagnose()
    assert [each["detail"] for each in report["findings"]] == ["PORT: Not a valid integer."]
    assert {"APP002", "DB001", "HDR001"} <= set(report["not_judged"])
