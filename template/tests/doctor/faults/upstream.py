"""Model API faults."""

from ..deployment import World
from . import broken


@broken("UPS001")
def wrong_key(world: World) -> None:
    world.variables["OPENAI_API_KEY"] = "another"


@broken("TMO002")
def waited_for_long(world: World) -> None:
    world.variables["OPENAI_TIMEOUT"] = "18"
