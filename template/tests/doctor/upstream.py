"""A broken model's API."""

from .cases import broken
from .world import World


@broken("UPS001")
def wrong_key(world: World) -> None:
    world.variables["OPENAI_API_KEY"] = "another"


@broken("TMO002")
def waited_for_long(world: World) -> None:
    world.variables["OPENAI_TIMEOUT"] = "18"
