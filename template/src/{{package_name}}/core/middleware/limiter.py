"""Limiter: Flask-Limiter, to decorate views and blueprints with limits of their own.

Use `limiter.limit`, `limiter.shared_limit` and `limiter.exempt` as its documentation says. These
limits apply in addition to those of the whole service (rate_limits.py).
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
    """Counts where the current application counts: one `limiter` serves several applications."""

    STORAGE_SCHEME = ["service"]

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None: a counter that loses Redis counts in this process."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count a hit; all hits of the window."""
        return current_service().counter.count([Hit(key, expiry, amount)])[0].hits

    def get(self, key: str) -> int:
        """The hits of the window."""
        return current_service().counter.peek(key).hits

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since the epoch."""
        return current_service().counter.peek(key).ends

    def check(self) -> bool:
        """Whether requests are counted where the settings say."""
        return current_service().counter.probe()

    def reset(self) -> None:
        """Forget every window."""
        current_service().counter.reset()

    def clear(self, key: str) -> None:
        """Forget a window."""
        current_service().counter.clear(key)


def client_key() -> str:
    """Whose requests are counted together: a verified owner's, else a client address's."""
    owner = verified_owner()
    return f"owner:{owner}" if owner else address_key()


def address_key() -> str:
    """The client's address, as limits count it."""
    return f"address:{client_network(request.remote_addr or '')}"


# Old keys of another strategy would be of another type.
limiter = Limiter(client_key, storage_uri="service://", strategy=STRATEGY, key_prefix=STRATEGY)


@limiter.request_filter
def counts_nothing() -> bool:
    """With RATELIMIT_ENABLED=false, no limit holds."""
    return not current_service().limits_requests
