"""Identity provider faults."""

from ...support.ports import free_port
from ..deployment import World
from . import broken


@broken("JWT001")
def away(world: World) -> None:
    world.variables["JWT_JWKS_URL"] = f"http://127.0.0.1:{free_port()}/jwks.json"
