"""Redis: it counts rate limits, and an outage neither stops the service nor lifts them."""

from collections.abc import Iterator
from contextlib import closing, suppress

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError, TimeoutError

from ...core.middleware.shared_counting import COUNT_IN_REDIS, SharedCounter
from ...core.service import service_of
from ..context import Context, NotJudgedError, is_this_machine
from ..registry import check

COMMANDS = ("EVAL", "EVALSHA", "SCRIPT LOAD", "INCRBY", "EXPIRE", "GET", "TTL")  # for counting
LONGEST = 1.0  # seconds; the longest acceptable wait for Redis


def _client(context: Context) -> Redis:
    uri = context.settings.ratelimit_storage_uri
    if uri.startswith("memory") or not context.settings.ratelimit_enabled:
        raise NotJudgedError
    return Redis.from_url(uri, socket_connect_timeout=LONGEST, socket_timeout=LONGEST)


@check(
    "LIM002",
    "warning",
    "A Redis outage slows down every request",
    why="Without a short timeout, each request waits for a frozen Redis, and threads run out.",
    remedy="""
        Remove socket_timeout and socket_connect_timeout from RATELIMIT_STORAGE_URI:
            RATELIMIT_STORAGE_URI=redis://HOST:6379/0""",
    source="OWASP API4:2023",
)
def outage(context: Context) -> Iterator[str]:
    """The timeouts of the Redis connections that count requests."""
    with closing(_client(context)):
        counter = service_of(context.app).counter
    options = counter.client.get_connection_kwargs() if isinstance(counter, SharedCounter) else {}
    for name in ("socket_connect_timeout", "socket_timeout"):
        seconds = options.get(name)
        if seconds is None or float(seconds) > LONGEST:
            yield f"{name} is not set, or above {LONGEST:g} s."


@check(
    "RED001",
    "error",
    "Redis is unavailable",
    why="Until it is back, each worker process counts rate limits separately, and a client gets "
    "several times its limit.",
    remedy="""
        Start Redis, or correct RATELIMIT_STORAGE_URI. For development:
            uv run python -m tests.support.servers""",
    asks="live",
    dependency="limits",
)
def reachable(context: Context) -> Iterator[str]:
    """Whether the probe of the health report succeeds; if not, why."""
    with closing(_client(context)) as redis:
        with suppress(RedisError):
            if service_of(context.app).dependencies["limits"].probe() is not False:
                return
        try:
            redis.ping()
            redis.eval(COUNT_IN_REDIS, 1, "doctor", 60, 1)
            redis.get("doctor")
        except ResponseError:
            yield f"Redis rejects a command that counting needs: {', '.join(COMMANDS)}."
        except AuthenticationError:
            yield "Redis rejects the user or the password."
        except TimeoutError:
            yield "Redis does not respond in time."
        except RedisError as error:
            refused = "refused" in str(error).lower()
            yield "Nothing listens at Redis's address." if refused else "Redis cannot be reached."
        else:
            yield "Redis is too slow for the timeout of the rate limits."


@check(
    "RED002",
    "warning",
    "Redis may evict rate limit counts",
    why="If its memory is full, it evicts keys, and clients over their limit are admitted again.",
    remedy="""
        Give the rate limits their own Redis, which never evicts keys (redis.conf):
            maxmemory-policy noeviction""",
    asks="live",
)
def eviction(context: Context) -> Iterator[str]:
    """Redis's maxmemory and its eviction policy."""
    with closing(_client(context)) as redis:
        try:
            memory: dict[str, object] = redis.info("memory")
        except RedisError:
            raise NotJudgedError from None
    if memory.get("maxmemory") and memory.get("maxmemory_policy") != "noeviction":
        yield "maxmemory is set, and maxmemory-policy evicts keys."


@check(
    "RED003",
    "warning",
    "The connection to Redis is not secure",
    why="Anyone on the network can read Redis's password, and reset or use up any client's limit.",
    remedy="""
        Encrypt connections to other machines, and let the driver verify the certificate:
            RATELIMIT_STORAGE_URI=rediss://:PASSWORD@HOST:6379/0""",
    source="OWASP ASVS 12.3.1, 12.3.2",
    deploy=True,
)
def encryption(context: Context) -> Iterator[str]:
    """TLS and the server's certificate, if Redis is on another machine."""
    with closing(_client(context)) as redis:
        options = redis.get_connection_kwargs()
    if "path" in options or is_this_machine(str(options.get("host", ""))):
        return
    if not context.settings.ratelimit_storage_uri.startswith("rediss:"):
        yield "The connection to another machine is not encrypted."
    elif options.get("ssl_cert_reqs", "required") != "required":
        yield "The connection is encrypted, but the server's certificate is not verified."
