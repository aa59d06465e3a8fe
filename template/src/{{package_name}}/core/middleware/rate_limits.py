"""Service-wide rate limits, counted after the credential is verified and before the view.

Flask-Limiter would call Redis six times per request and, when counting in memory, start a thread
for many requests. Here, all limits are counted in one step.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, g, request
from flask_limiter import ExemptionScope
from limits import RateLimitItem, parse_many

from ...settings import Settings
from .. import audit
from ..auth.owner import verified_owner
from ..errors import ProblemError
from ..service import Service, current_service, service_of
from .counting import Hit
from .limiter import STRATEGY, address_key, client_key, limiter
from .proxies import client_network, wide_network

FAILED_IDENTITIES = "10 per minute"  # per key prefix, whatever address the attempts come from
WIDER = 16  # an IPv6 /48 may send this many times what one address may
MAX_ADDRESSES = 10_000  # to remember as over their limit
WRITING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class ServiceLimit:
    """A limit for the whole service."""

    name: str
    limits: str
    key: Callable[[], str | None]
    """Returns the key to count, or None if the limit does not apply to this request."""
    counts_earlier: bool = False
    """Whether to also count requests that were rejected before rate limiting. It is not known
    whether those were writes, or who owned them."""

    @functools.cached_property
    def items(self) -> list[RateLimitItem]:
        """One limit for each of its windows."""
        return parse_many(self.limits)


def service_limits(settings: Settings) -> list[ServiceLimit]:
    """Return the limits that apply to every request, including those on unmatched paths."""
    default, writes = settings.ratelimit_default, settings.ratelimit_writes
    return [
        ServiceLimit("global", default, client_key, counts_earlier=True),
        ServiceLimit("writes", writes, _writing_key),
        ServiceLimit("networks", wider(default), _network_key, counts_earlier=True),
        ServiceLimit("failed-identities", FAILED_IDENTITIES, _failed_key),
    ]


def wider(limits: str) -> str:
    """Return the same limits with WIDER times the amounts."""
    return "; ".join(
        f"{one.amount * WIDER} per {one.multiples} {one.GRANULARITY.name}"
        for one in parse_many(limits)
    )


def _writing_key() -> str | None:
    return client_key() if request.method in WRITING else None


def _network_key() -> str | None:
    network = wide_network(request.remote_addr or "")
    return f"network:{network}" if network and verified_owner() is None else None


def _failed_key() -> str | None:
    return f"failed:{g.failed_identity}" if "failed_identity" in g else None


def init_app(app: Flask, settings: Settings) -> None:
    """Count every request, then let Flask-Limiter count for the limits of routes."""
    if not settings.ratelimit_enabled:
        return
    service, limits = service_of(app), service_limits(settings)

    @functools.cache
    def is_exempt(endpoint: str, blueprint: str | None, method: str) -> bool:
        flags = limiter.limit_manager.exemption_scope(app, endpoint, blueprint)
        exempt = service.routes.of(endpoint, method).exempt
        return "rate_limit" in exempt or bool(flags & ExemptionScope.APPLICATION)

    @app.before_request
    def count_request() -> None:
        if not service.limits_requests:
            return
        g.windows = []
        endpoint = request.endpoint
        if endpoint is None or not is_exempt(endpoint, request.blueprint, request.method):
            _count(service, limits)

    @app.after_request
    def show_limits(response: Response) -> Response:
        if "windows" in g:
            _show(response)
        elif service.limits_requests and 400 <= response.status_code < 500:
            service.uncounted.add(_client())  # hosts.py rejected it before it was counted
        return response

    limiter.init_app(app)  # last: its after_request deductions then come before show_limits


def _client() -> str:
    return client_network(request.remote_addr or "")


def _count(service: Service, limits: list[ServiceLimit]) -> None:
    """Count a request; raise ProblemError (429) if it is over a limit."""
    earlier = service.uncounted.take(_client()) if verified_owner() is None else 0
    hits, amounts = [], []
    for limit in limits:
        key = limit.key()
        if key is None:
            continue
        for item in limit.items:
            more = 1 + earlier if limit.counts_earlier else 1
            hits.append(Hit(item.key_for(STRATEGY, key, limit.name), item.get_expiry(), more))
            amounts.append(item.amount)
    found = list(zip(service.counter.count(hits), amounts, strict=True))
    g.windows = [(amount - window.hits, amount, window.ends) for window, amount in found]
    over = [ends for left, _, ends in g.windows if left < 0]
    if over:
        if verified_owner() is None:
            _remember(service, max(over))
        # Only the request that crosses a limit is a security event.
        if any(-hit.amount <= left < 0 for hit, (left, _, _) in zip(hits, g.windows, strict=True)):
            audit.record("limit reached")
        raise ProblemError(429)


def _remember(service: Service, end: float) -> None:
    if len(service.addresses_over_limit) >= MAX_ADDRESSES:
        service.addresses_over_limit.clear()
    service.addresses_over_limit[address_key()] = end


def is_over_limit() -> bool:
    """Return whether this request's address was over a limit that has not been reset since."""
    return current_service().addresses_over_limit.get(address_key(), 0) > time.time()


def _show(response: Response) -> None:
    """Add the headers of the tightest limit (draft-ietf-httpapi-ratelimit-headers), in seconds."""
    own = [(o.remaining - o.breached, o.limit.amount, o.reset_at) for o in limiter.current_limits]
    windows = [*g.windows, *own]
    if windows:
        left, amount, ends = min(windows)
        reset = max(0, round(ends - time.time()))
        shown = {"Limit": amount, "Remaining": max(0, left), "Reset": reset}
        response.headers.extend({f"RateLimit-{name}": str(n) for name, n in shown.items()})
        if left < 0:
            response.headers["Retry-After"] = str(max(1, reset))
