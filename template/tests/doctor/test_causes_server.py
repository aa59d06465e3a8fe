"""DB001 says which step of connecting to a database server fails, and reveals no names."""

import time
from types import SimpleNamespace
from unittest.mock import patch

from sqlalchemy.engine import URL

from ..support.ports import free_port
from .deployment import World, part
from .faults.database import cause


def test_unresolvable_database_host_is_reported(world: World, url: URL) -> None:
    found = cause(world, url.set(host="nowhere.invalid", query={}))
    assert found == "DNS: the host in DATABASE_URL does not resolve."


def test_closed_database_port_is_reported(world: World, url: URL) -> None:
    found = cause(world, url.set(host="127.0.0.1", port=free_port(), query={}))
    assert found == "TCP: nothing is listening at the host and port in DATABASE_URL."


def test_unknown_database_user_is_reported(world: World, url: URL) -> None:
    assert cause(world, url.set(username="nobody_here")).startswith("Authentication: ")


def test_missing_database_is_reported(world: World, url: URL) -> None:
    assert cause(world, url.set(database="not_here")).startswith("Database: ")


def test_placeholder_database_password_is_reported(world: World, url: URL) -> None:
    url = url.set(password="change-me")
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    found = world.diagnose("--deploy")["findings"]
    assert [each["id"] for each in found] == ["SEC001"]


def test_clock_skew_of_the_database_server_is_reported(world: World) -> None:
    ahead = SimpleNamespace(time=lambda: time.time() - 60)
    with patch.object(part("facts"), "time", ahead):
        found = world.diagnose("--live")["findings"]
    assert [each["id"] for each in found] == ["CLK001"]
