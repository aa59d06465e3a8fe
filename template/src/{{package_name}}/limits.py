"""Limits: how often one client may ask, counted in memory or in Redis."""

import functools
import threading
import time
from contextlib import suppress
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, ExemptionScope, Limiter

from . import audit
from .errors import ProblemError
from .identity import verified_owner
from .proxies import client_network
from .settings import Settings

FAILED_IDENTITIES = "10 per minute"  # for one key's prefix, wherever the attempts come from
REDIS_TIMEOUT = 0.2  # seconds; a frozen Redis delays a request by no more
STRATEGY = "fixed-window"
SWEPT_BEYOND = 10_000  # windows, and what has ended since is forgotten
# Counts under each key, in windows of ARGV seconds: the counts, and what is left of the windows.
COUNT_IN_REDIS = """
local found = {}
for number, key in ipairs(KEYS) do
  local hits = redis.call("INCR", key)
  if hits == 1 then redis.call("EXPIRE", key, ARGV[number]) end
  found[2 * number - 1], found[2 * number] = hits, redis.call("TTL", key)
end
return found"""
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def client_key() -> str:
    """Whose requests are counted together: a verified owner's, else a client address's."""
    owner = verified_owner()
    return f"owner:{owner}" if owner else f"address:{client_network(request.remote_addr or '')}"


def init_app(app: Flask, settings: Settings) -> Limiter:
    """Count every request, unmatched paths included; a route may add limits of its own."""
    app.config["RATELIMIT_ENABLED"] = settings.ratelimit_enabled
    timeouts: Any = {"socket_connect_timeout": REDIS_TIMEOUT, "socket_timeout": REDIS_TIMEOUT}
    limiter = Limiter(
        client_key,
        application_limits=[
            ApplicationLimit(limit_provider=settings.ratelimit_default),
            ApplicationLimit(
                limit_provider=settings.ratelimit_writes, scope="writes", methods=WRITES
            ),
            ApplicationLimit(
                limit_provider=FAILED_IDENTITIES,
                key_function=lambda: f"failed:{g.failed_identity}",
                scope="failed-identities",
                exempt_when=lambda: "failed_identity" not in g,
            ),
        ],
        storage_uri=settings.ratelimit_storage_uri,
        # Given no retry policy, a connection made from a URL does not retry.
        storage_options={} if settings.ratelimit_storage_uri.startswith("memory") else timeouts,
        strategy=STRATEGY,
        # Old keys of another strategy would be of another type.
        key_prefix=STRATEGY,
        # Redis away: each process counts by itself until it is back; no request fails for it.
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        request_identifier=lambda: request.endpoint or "unmatched",
    )
    limiter.init_app(app)
    app.extensions["service.limiter"] = limiter
    if limiter.enabled:
        _count_quickly(app, limiter)
    return limiter


def can_count(limiter: Limiter) -> bool:
    """Whether Redis counts as it does for requests; it may answer, and refuse that to its user.

    Raises:
        RedisError: it does not count.
    """
    return bool(_in_redis(limiter.storage)(["health"], [60]))


def _count_quickly(app: Flask, limiter: Limiter) -> None:
    """The extension looks up, parses and sorts all limits at each request, and asks Redis six times,
    which takes longer than the request: it does so for limits of a route's own, or without Redis."""
    strategy, manager, storage = limiter.limiter, limiter.limit_manager, limiter.storage
    count_thoroughly = app.before_request_funcs[None].pop()
    show_thoroughly: Any = app.after_request_funcs[None].pop()
    count = _in_redis(storage) if hasattr(storage, "get_connection") else _in_memory(storage)

    @functools.cache
    def shared_limits(endpoint: str | None, blueprint: str | None) -> Any:
        exempt = manager.exemption_scope(app, endpoint, blueprint) & ExemptionScope.APPLICATION
        own = manager.resolve_limits(app, endpoint, blueprint)[1]
        return None if own else [] if exempt else manager.application_limits

    @app.before_request
    def count_request() -> Any:
        limits = shared_limits(request.endpoint, request.blueprint)
        if limits is None or limiter.limiter is not strategy or not limiter.enabled:
            return count_thoroughly()
        limits = [one for one in limits if not (one.method_exempt or one.is_exempt)]
        keys = [one.limit.key_for(STRATEGY, one.key_func(), one.scope) for one in limits]
        try:
            found = iter(count(keys, [one.limit.get_expiry() for one in limits]))
        except Exception:  # whatever the storage's driver raises, the extension falls back
            return count_thoroughly()
        amounts, now = [one.limit.amount for one in limits], time.time()
        g.windows = [(amount - next(found), amount, now + next(found)) for amount in amounts]
        if any(left < 0 for left, _, _ in g.windows):
            if any(left == -1 for left, _, _ in g.windows):  # the first refusal, not each of them
                audit.record("limit reached")
            raise ProblemError(429)

    @app.after_request
    def show_limits(response: Response) -> Response:
        """The tightest, in seconds to its reset (draft-ietf-httpapi-ratelimit-headers)."""
        windows = g.get("windows")
        if windows is None:
            show_thoroughly(response)
            with suppress(Exception):  # of the storage's driver; headers are no reason to fail
                found = limiter.current_limits
                windows = [(o.remaining - o.breached, o.limit.amount, o.reset_at) for o in found]
        if windows:
            left, amount, ends = min(windows)
            reset = max(0, round(ends - time.time()))
            shown = {"Limit": amount, "Remaining": max(0, left), "Reset": reset}
            response.headers.extend({f"RateLimit-{name}": str(n) for name, n in shown.items()})
            if left < 0:
                response.headers["Retry-After"] = str(max(1, reset))
        return response


def _in_redis(storage: Any) -> Any:
    script = storage.get_connection().register_script(COUNT_IN_REDIS)
    return lambda keys, seconds: script([*map(storage.prefixed_key, keys)], seconds)


def _in_memory(storage: Any) -> Any:
    """As in Redis; the storage's own way starts a thread for it, up to a hundred times a second."""
    hits, ends, lock = storage.storage, storage.expirations, threading.Lock()
    sweep_at = SWEPT_BEYOND

    def count(keys: list[str], seconds: list[int]) -> list[float]:
        nonlocal sweep_at
        now, found = time.time(), list[float]()
        with lock:
            for key, lasts in zip(keys, seconds, strict=True):
                if ends.get(key, 0) <= now:
                    hits[key], ends[key] = 0, now + lasts
                hits[key] += 1
                found += hits[key], ends[key] - now
            if len(ends) > sweep_at:
                # The storage's own thread may forget them at the same time.
                for key in [key for key, end in list(ends.items()) if end <= now]:
                    ends.pop(key, None)
                    hits.pop(key, None)
                sweep_at = SWEPT_BEYOND + 2 * len(ends)
        return found

    return count
