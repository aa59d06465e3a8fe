"""The service: an application's state that Flask and its extensions do not hold."""

from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from ..settings import Settings
from .api.declarations import Declarations
from .dependencies import Dependency
from .middleware.counting import Counter, MemoryCounter
from .middleware.shared_counting import SharedCounter
from .middleware.uncounted import Uncounted

EXTENSION = "service"


@dataclass
class Service:
    """One application's settings and state; `current_service()` returns it."""

    settings: Settings
    routes: Declarations
    counter: Counter
    """Counts for rate limits, and for anything else that is limited across all worker processes."""
    limits_requests: bool
    dependencies: dict[str, Dependency] = field(default_factory=dict)
    uncounted: Uncounted = field(default_factory=Uncounted)
    addresses_over_limit: dict[str, float] = field(default_factory=dict)
    """When the limit of each address is reset, in seconds since the epoch."""
    pruning_due: float = 0.0
    """When old idempotency records are next deleted, by `time.monotonic`."""


def init_app(app: Flask, settings: Settings) -> None:
    """Create the application's service; every other part relies on it."""
    uri = settings.ratelimit_storage_uri
    app.extensions[EXTENSION] = Service(
        settings=settings,
        routes=Declarations(app),
        counter=MemoryCounter() if uri.startswith("memory") else SharedCounter(uri),
        limits_requests=settings.ratelimit_enabled,
    )


def service_of(app: Flask) -> Service:
    """Return the service of an application."""
    return cast(Service, app.extensions[EXTENSION])


def current_service() -> Service:
    """Return the service of the current application, in a request or an application context."""
    return service_of(current_app)
