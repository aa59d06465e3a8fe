"""A broken database, whichever it is."""

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
    """Let the service be the server's owner; where there is one."""
    name = make_url(world.variables["DATABASE_URL"]).database
    url = make_url(os.environ[DATABASES]).set(database=name)
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)


def cause(world: World, url: URL) -> str:
    """Why the database at that address does not answer, as the doctor says."""
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    found = world.diagnose("--live")["findings"]
    assert [each["id"] for each in found] == ["DB001"]
    return str(found[0]["detail"])
