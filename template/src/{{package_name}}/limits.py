"""Limits: how often one client may ask, counted in memory or in Redis."""

import time
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limiter

from .identity import verified_owner
from .proxies import client_network
from .settings import Settings

FAILED_IDENTITIES = "10 per minute"  # for one key's prefix, wherever the attempts come from
REDIS_TIMEOUT = 0.2  # seconds; a frozen Redis delays a request by no more

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

    # Registered before the limiter's own hook, so that it runs after it.
    @app.after_request
    def show_limits(response: Response) -> Response:
        return _add_headers(limiter, response)

    limiter = Limiter(
        client_key,
        application_limits=[
            ApplicationLimit(limit_provider=settings.ratelimit_default, key_function=client_key),
            ApplicationLimit(
                limit_provider=settings.ratelimit_writes,
                key_function=client_key,
                scope="writes",
                methods=["POST", "PUT", "PATCH", "DELETE"],
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
        strategy="fixed-window",
        # Old keys of another strategy would be of another type.
        key_prefix="fixed-window",
        # Redis away: each process counts by itself until it is back; no request fails for it.
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        request_identifier=lambda: request.endpoint or "unmatched",
    )
    limiter.init_app(app)
    app.extensions["service.limiter"] = limiter
    return limiter


def _add_headers(limiter: Limiter, response: Response) -> Response:
    """Show the tightest limit, in seconds to its reset (draft-ietf-httpapi-ratelimit-headers)."""
    if not limiter.enabled or limiter.current_limit is None:
        return response
    limits = limiter.current_limits
    try:
        tightest = next(
            (limit for limit in limits if limit.breached),
            min(limits, key=lambda limit: limit.remaining),
        )
        reset = max(0, round(tightest.window.reset_time - time.time()))
        remaining = tightest.remaining
    except Exception:  # the storage's driver decides what it raises; headers are no reason to fail
        _log.warning("limits not shown: their storage does not answer")
        return response
    amounts = {"Limit": tightest.limit.amount, "Remaining": remaining, "Reset": reset}
    response.headers.update({f"RateLimit-{name}": str(count) for name, count in amounts.items()})
    if tightest.breached:
        response.headers["Retry-After"] = str(max(1, reset))
    return response
