"""Rate limit faults."""

from ..deployment import World
from . import broken


@broken("LIM001")
def counted_by_each(world: World) -> None:
    world.variables |= {"RATELIMIT_STORAGE_URI": "memory://", "WEB_CONCURRENCY": "2"}


@broken("LIM003")
def switched_off(world: World) -> None:
    world.variables["RATELIMIT_ENABLED"] = "false"
