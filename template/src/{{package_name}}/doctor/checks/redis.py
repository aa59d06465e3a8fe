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
    "A Redis that is away slows down every request",
    why="Without a timeout, each request waits for a frozen Redis, and threads run out.",
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
    "Redis does not answer",
    why="Each worker process counts limits by itself meanwhile: a client gets several times as many.",
    remedy="""
        Start it, or correct RATELIMIT_STORAGE_URI; for development:
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
            yield f"It does not let its user count, which takes {', '.join(COMMANDS)}."
        except AuthenticationError:
            yield "It refuses the user or the password."
        except TimeoutError:
            yield "It accepts connections, but does not answer."
        except RedisError as error:
            refused = "refused" in str(error).lower()
            yield "Nothing listens at its address." if refused else "It cannot be reached."
        else:
            yield "It is too slow for the limits' timeout."


@check(
    "RED002",
    "warning",
    "Redis may forget counts",
    why="Where its memory is full it evicts keys: a client that was refused is let through again.",
    remedy="""
        Give the limits a Redis of their own, that keeps what it has (redis.conf):
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
        yield "maxmemory is set, and its policy evicts keys."


@check(
    "RED003",
    "warning",
    "The way to Redis can be listened to",
    why="Whoever is on the network reads Redis's password, and resets or fills up anybody's limit.",
    remedy="""
        Encrypt what leaves the machine, and let the driver verify the certificate:
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
        yield "The connection is encrypted, but to any server that answers: no certificate is verified."
