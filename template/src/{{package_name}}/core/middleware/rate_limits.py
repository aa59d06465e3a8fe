"""Rate limits: after the credential, whose owner they count for, and before the view."""

import functools
import time
from contextlib import suppress
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, ExemptionScope, Limiter
from limits import parse_many

from ...settings import Settings
from .. import audit
from ..auth.owner import verified_owner
from ..errors import ProblemError
from .counting import in_memory, in_redis
from .proxies import client_network, wide_network
from .uncounted import UNCOUNTED, Uncounted

FAILED_IDENTITIES = "10 per minute"  # for one key's prefix, wherever the attempts come from
REDIS_TIMEOUT = 0.2  # seconds; a frozen Redis delays a request by no more
STRATEGY = "fixed-window"
WIDER = 16  # times what one address may ask, for all addresses of an IPv6 /48 together
REFUSED = "service.refused_addresses"
MAX_REFUSED = 10_000  # addresses that are remembered as over their limit
WRITES = ("POST", "PUT", "PATCH", "DELETE")
ANY_REQUEST = "global"  # the extension's own name for the limits of all routes together
NETWORKS = "networks"


def client_key() -> str:
    """Whose requests are counted together: a verified owner's, else a client address's."""
    owner = verified_owner()
    return f"owner:{owner}" if owner else _address_key()


def _address_key() -> str:
    return f"address:{_client()}"


def _client() -> str:
    return client_network(request.remote_addr or "")


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
                limit_provider=wider(settings.ratelimit_default),
                key_function=lambda: f"network:{wide_network(request.remote_addr or '')}",
                scope=NETWORKS,
                exempt_when=lambda: bool(
                    verified_owner() or not wide_network(request.remote_addr or "")
                ),
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


def wider(limits: str) -> str:
    """The same limits for WIDER times as many requests."""
    return "; ".join(
        f"{one.amount * WIDER} per {one.multiples} {one.GRANULARITY.name}"
        for one in parse_many(limits)
    )


def can_count(limiter: Limiter) -> bool:
    """Whether Redis counts as it does for requests; it may answer, and refuse that to its user.

    Raises:
        RedisError: it does not count.
    """
    return bool(in_redis(limiter.storage)(["health"], [60], [1]))


def is_over_limit() -> bool:
    """Whether this request's address was refused, and its window has not ended."""
    refused: dict[str, float] = current_app.extensions.get(REFUSED, {})
    return refused.get(_address_key(), 0) > time.time()


def _count_quickly(app: Flask, limiter: Limiter) -> None:
    """The extension looks up, parses and sorts all limits at each request, and asks Redis six times,
    which takes longer than the request: it does so for limits of a route's own, or without Redis."""
    strategy, manager, storage = limiter.limiter, limiter.limit_manager, limiter.storage
    count_thoroughly = app.before_request_funcs[None].pop()
    show_thoroughly: Any = app.after_request_funcs[None].pop()
    count = in_redis(storage) if hasattr(storage, "get_connection") else in_memory(storage)
    refused: dict[str, float] = app.extensions.setdefault(REFUSED, {})
    uncounted = app.extensions.setdefault(UNCOUNTED, Uncounted())

    @functools.cache
    def shared_limits(endpoint: str | None, blueprint: str | None) -> Any:
        exempt = manager.exemption_scope(app, endpoint, blueprint) & ExemptionScope.APPLICATION
        own = manager.resolve_limits(app, endpoint, blueprint)[1]
        return None if own else [] if exempt else manager.application_limits

    @app.before_request
    def count_request() -> Any:
        g.is_counted = True
        limits = shared_limits(request.endpoint, request.blueprint)
        if limits is None or limiter.limiter is not strategy or not limiter.enabled:
            return count_thoroughly()
        limits = [one for one in limits if not (one.method_exempt or one.is_exempt)]
        keys = [one.limit.key_for(STRATEGY, one.key_func(), one.scope) for one in limits]
        earlier = uncounted.take(_client()) if keys and verified_owner() is None else 0
        # What they asked for is not known: neither writes nor the attempts on a key.
        hits = [1 + earlier if one.scope in (ANY_REQUEST, NETWORKS) else 1 for one in limits]
        try:
            found = count(keys, [one.limit.get_expiry() for one in limits], hits)
        except Exception:  # whatever the storage's driver raises, the extension falls back
            uncounted.add(_client(), earlier)
            return count_thoroughly()
        now, amounts = time.time(), [one.limit.amount for one in limits]
        g.windows = [
            (amount - total, amount, now + left)
            for amount, (total, left) in zip(amounts, found, strict=True)
        ]
        over = [ends for left, _, ends in g.windows if left < 0]
        if over:
            if verified_owner() is None:
                _remember(refused, _address_key(), max(over))
            lefts = [left for left, _, _ in g.windows]
            # Only the request that crosses a limit.
            if any(-more <= left < 0 for more, left in zip(hits, lefts, strict=True)):
                audit.record("limit reached")
            raise ProblemError(429)

    @app.after_request
    def show_limits(response: Response) -> Response:
        """The tightest, in seconds to its reset (draft-ietf-httpapi-ratelimit-headers)."""
        windows = g.get("windows")
        if "is_counted" not in g:
            if 400 <= response.status_code < 500:  # rejected before: by hosts.py
                uncounted.add(_client())
        elif windows is None:
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


def _remember(refused: dict[str, float], key: str, end: float) -> None:
    if len(refused) >= MAX_REFUSED:
        refused.clear()
    refused[key] = end
