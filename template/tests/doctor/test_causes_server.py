"""Why a database server does not answer: the step that fails, without a name of it."""

import time
from types import SimpleNamespace
from unittest.mock import patch

from sqlalchemy.engine import URL

from ..support.ports import free_port
from .deployment import World, part
from .faults.database import cause


def test_a_name_that_nobody_knows(world: World, url: URL) -> None:
    found = cause(world, url.set(host="nowhere.invalid", query={}))
    assert found == "DNS: the host of DATABASE_URL has no address."


def test_a_port_that_refuses(world: World, url: URL) -> None:
    found = cause(world, url.set(host="127.0.0.1", port=free_port(), query={}))
    assert found == "TCP: nothing listens at the host and port of DATABASE_URL."


def test_a_user_that_it_does_not_know(world: World, url: URL) -> None:
    assert cause(world, url.set(username="nobody_here")).startswith("Authentication: ")


def test_a_database_that_is_not_there(world: World, url: URL) -> None:
    assert cause(world, url.set(database="not_here")).startswith("Database: ")


def test_its_password_may_not_be_a_placeholder(world: World, url: URL) -> None:
    url = url.set(password="change-me")
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    found = world.diagnose("--deploy")["findings"]
    assert [each["id"] for each in found] == ["SEC001"]


def test_its_clock_is_compared(world: World) -> None:
    ahead = SimpleNamespace(time=lambda: time.time() - 60)
    with patch.object(part("facts"), "time", ahead):
        found = world.diagnose("--live")["findings"]
    assert [each["id"] for each in found] == ["CLK001"]
