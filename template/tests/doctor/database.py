"""A broken database, whichever it is."""

from pathlib import Path

from sqlalchemy.engine import make_url

from ..ports import free_port
from .cases import broken
from .world import World, new_database


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
    world.variables["DATABASE_POOL_SIZE"] = "8"
