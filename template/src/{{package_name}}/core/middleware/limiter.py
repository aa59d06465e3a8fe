"""Flask-Limiter, for rate limits on individual views and blueprints.

Use `limiter.limit`, `limiter.shared_limit` and `limiter.exempt` as its documentation describes.
These limits apply in addition to the service-wide ones (rate_limits.py).
"""

from flask import request
from flask_limiter import Limiter
from limits.storage import Storage

from ..auth.owner import verified_owner
from ..service import current_service
from .counting import Hit
from .proxies import client_network

STRATEGY = "fixed-window"


class ServiceStorage(Storage):
    """Uses the current application's counter: several applications share one `limiter`."""

    STORAGE_SCHEME = ["service"]

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None: a counter that loses Redis falls back to memory."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add hits to a window, and return its total."""
        return current_service().counter.count([Hit(key, expiry, amount)])[0].hits

    def get(self, key: str) -> int:
        """Return the hits of a window."""
        return current_service().counter.peek(key).hits

    def get_expiry(self, key: str) -> float:
        """Return when a window expires, in seconds since the epoch."""
        return current_service().counter.peek(key).ends

    def check(self) -> bool:
        """Return whether requests are counted in the configured storage."""
        return current_service().counter.probe()

    def reset(self) -> None:
        """Delete all windows."""
        current_service().counter.reset()

    def clear(self, key: str) -> None:
        """Delete one window."""
        current_service().counter.clear(key)


def client_key() -> str:
    """Return the key of a client: the verified owner or, without one, the client's address."""
    owner = verified_owner()
    return f"owner:{owner}" if owner else address_key()


def address_key() -> str:
    """Return the key of the client's address."""
    return f"address:{client_network(request.remote_addr or '')}"


# The prefix names the strategy, since keys left by another one would be of another type.
limiter = Limiter(client_key, storage_uri="service://", strategy=STRATEGY, key_prefix=STRATEGY)


@limiter.request_filter
def counts_nothing() -> bool:
    """Skip all limits while RATELIMIT_ENABLED is false."""
    return not current_service().limits_requests
