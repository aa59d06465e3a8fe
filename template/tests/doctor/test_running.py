"""Running: side by side, bounded, and unimpressed by what fails."""

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
    """A port whose server takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def test_what_is_asked_has_two_seconds() -> None:
    assert SHIPPED["live"] == 2


def at(world: World, port: int) -> bool:
    """Let the database be at that port; whether it can be."""
    url = make_url(world.variables["DATABASE_URL"])
    if url.get_backend_name() == "sqlite":
        return False
    url = url.set(host="127.0.0.1", port=port, query={})
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    return True


def test_a_frozen_server_is_waited_for_no_longer_than_allowed(
    world: World, frozen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(running.SECONDS, "live", 4.0)
    # A busy machine needs longer to find the cause, once the database has not answered.
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
    assert found["DEP001"] == "No answer within 4 seconds."
    if "DB001" in expected:
        assert found["DB001"] == "Time: it accepts connections, but does not answer."


def test_a_check_that_fails_says_so_and_the_others_go_on(world: World) -> None:
    def break_off(app: Flask) -> None:
        app.view_functions.pop("openapi")  # which some checks look at

    world.changes.append(break_off)
    report = world.diagnose("--deploy")
    details = {each["id"]: each["detail"] for each in report["findings"]}
    assert details["LIM003"] == "The check itself failed (KeyError)."
    assert "DB004" in report["passed"]


def test_with_broken_settings_they_are_named_and_the_rest_is_not_judged(world: World) -> None:
    world.variables["PORT"] = "eighty"
    report = world.diagnose()
    assert [each["detail"] for each in report["findings"]] == ["PORT: Not a valid integer."]
    assert {"APP002", "DB001", "HDR001"} <= set(report["not_judged"])
