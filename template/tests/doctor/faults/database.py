"""Database faults that do not depend on the engine."""

import os
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from ...conftest import DATABASES
from ...support.ports import free_port
from ..deployment import World, new_database
from . import broken


@broken("DB001")
def away(world: World) -> None:
    url = make_url(world.variables["DATABASE_URL"])
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(world.folder / "none.db"))
    else:
        url = url.set(host="127.0.0.1", port=free_port(), query={})
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)


@broken("DB002")
def not_migrated(world: World) -> None:
    url = world.stack.enter_context(new_database(world.variables, migrated=False))
    world.variables["DATABASE_URL"] = url
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()


@broken("DB004")
def as_many_as_threads(world: World) -> None:
    world.variables |= {"DATABASE_POOL_SIZE": "8", "WEB_THREADS": "8"}


def owned_by_the_server(world: World) -> None:
    """Connect as the server's superuser, on engines that have one."""
    name = make_url(world.variables["DATABASE_URL"]).database
    url = make_url(os.environ[DATABASES]).set(database=name)
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)


def cause(world: World, url: URL) -> str:
    """Return the doctor's reason why the database at `url` cannot be used."""
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    found = world.diagnose("--live")["findings"]
    assert [each["id"] for each in found] == ["DB001"]
    return str(found[0]["detail"])
