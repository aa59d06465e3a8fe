"""Limits: how often one client may ask, counted in memory or in Redis."""

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, ExemptionScope, Limiter

from .errors import ProblemError
from .identity import verified_owner
from .proxies import client_network
from .settings import Settings

FAILED_IDENTITIES = "10 per minute"  # for one key's prefix, wherever the attempts come from
REDIS_TIMEOUT = 0.2  # seconds; a frozen Redis delays a request by no more
STRATEGY = "fixed-window"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
IN_REDIS = Path(__file__).with_name("counting.lua")

Window = tuple[int, int, float]  # requests left, below 0 after a refusal; of how many; until when
_log = structlog.get_logger(__name__)


def client_key() -> str:
    """Whose requests are counted together: a verified owner's, else a client address's."""
    owner = verified_owner()
    return f"owner:{owner}" if owner else f"address:{client_network(request.remote_addr or '')}"


def init_app(app: Flask, settings: Settings) -> Limiter:
    """Count every request, unmatched paths included; a route may add limits of its own."""
    app.config["RATELIMIT_ENABLED"] = settings.ratelimit_enabled
    uri = settings.ratelimit_storage_uri
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
        storage_uri=uri,
        # Given no retry policy, a connection made from a URL does not retry.
        storage_options={} if uri.startswith("memory") else timeouts,
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


def _count_quickly(app: Flask, limiter: Limiter) -> None:
    """The extension looks up, parses and sorts all limits at each request, and asks Redis six times,
    which takes longer than the request: it does so for limits of a route's own, or without Redis."""
    strategy, count = limiter.limiter, _counter(limiter.storage)
    count_thoroughly = app.before_request_funcs[None].pop()

    @functools.cache
    def shared_limits(*route: str | None) -> Any:  # None where the route has limits of its own
        exempt = limiter.limit_manager.exemption_scope(app, *route) & ExemptionScope.APPLICATION
        own = limiter.limit_manager.resolve_limits(app, *route)[1]
        return None if own else [] if exempt else limiter.limit_manager.application_limits

    @app.before_request
    def count_request() -> Any:
        limits = shared_limits(request.endpoint, request.blueprint)
        if limits is None or limiter.limiter is not strategy or not limiter.enabled:
            return count_thoroughly()
        try:
            g.windows = count([one for one in limits if not (one.method_exempt or one.is_exempt)])
        except Exception:  # whatever the storage's driver raises, the extension falls back
            return count_thoroughly()
        if g.windows and min(g.windows)[0] < 0:
            raise ProblemError(429)

    @app.after_request
    def show_limits(response: Response) -> Response:
        """The tightest, in seconds to its reset (draft-ietf-httpapi-ratelimit-headers)."""
        windows = g.windows if "windows" in g else _windows(limiter)
        if windows:
            left, amount, ends = min(windows)
            reset = max(0, round(ends - time.time()))
            response.headers.add("RateLimit-Limit", str(amount))
            response.headers.add("RateLimit-Remaining", str(max(0, left)))
            response.headers.add("RateLimit-Reset", str(reset))
            if left < 0:
                response.headers["Retry-After"] = str(max(1, reset))
        return response


def _counter(storage: Any) -> Callable[[Any], list[Window]]:
    """What counts a request under some limits; in Redis it takes one round trip."""

    def count(limits: Any) -> list[Window]:
        items = [limit.limit for limit in limits]
        keys = [each.limit.key_for(STRATEGY, each.key_func(), each.scope) for each in limits]
        if script is None:
            hits = [
                storage.incr(key, item.get_expiry()) for key, item in zip(keys, items, strict=True)
            ]
            ends = [storage.get_expiry(key) for key in keys]
        else:
            found = script(
                [*map(storage.prefixed_key, keys)], [item.get_expiry() for item in items]
            )
            hits, ends = found[::2], [time.time() + left for left in found[1::2]]
        return [
            (item.amount - n, item.amount, end)
            for item, n, end in zip(items, hits, ends, strict=True)
        ]

    in_redis = hasattr(storage, "get_connection")
    script = storage.get_connection().register_script(IN_REDIS.read_text()) if in_redis else None
    return count


def _windows(limiter: Limiter) -> list[Window]:
    """What the extension has counted."""
    try:
        return [
            (each.remaining - each.breached, each.limit.amount, each.window.reset_time)
            for each in limiter.current_limits
        ]
    except Exception:  # the storage's driver decides what it raises; headers are no reason to fail
        _log.warning("limits not shown: their storage does not answer")
        return []
