"""Health: alive (this process), ready (it can serve), and a report on each dependency."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version

import structlog
from flask import Flask, Response, current_app, jsonify
from flask_limiter import Limiter
from limits.storage import MemoryStorage
from marshmallow import Schema, fields
from sqlalchemy import text

from .api.openapi import ApiBlueprint
from .database import db, now
from .draining import is_draining
from .errors import ProblemError
from .middleware.rate_limits import can_count

DEADLINE = 1.0  # seconds that an answer waits for a dependency
FRESH = 1.0  # seconds for which a result stands; each dependency is asked no more often

_log = structlog.get_logger(__name__)
_extension = "service.health"

blueprint = ApiBlueprint("health", "Whether the service and its dependencies work", public=True)


def init_app(app: Flask, limiter: Limiter) -> None:
    """Watch the database, and the limits' storage where it is a server; spend no limits."""
    limiter.exempt(blueprint.smorest)
    add_check(app, "database", _ask_database, required=True)
    if limiter.enabled and not isinstance(limiter.storage, MemoryStorage):
        add_check(app, "limits", lambda: can_count(limiter), required=False)


def _ask_database() -> bool:
    """Whether it answers, and `flask db upgrade` ran: without its tables it is of no use."""
    with db.engine.execution_options(read_only=True).connect() as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision is not None


@dataclass
class Check:
    """One dependency, asked by one thread at a time; nobody waits longer than DEADLINE."""

    probe: Callable[[], object]
    required: bool
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _done: threading.Event = field(default_factory=threading.Event)
    _started: float = float("-inf")
    _running: bool = False
    _up: bool = False

    def is_up(self) -> bool:
        """Whether the dependency answered the last question in time."""
        with self._lock:
            age = time.monotonic() - self._started
            if not self._running and age >= FRESH:
                self._running, self._started, age = True, time.monotonic(), 0.0
                self._done = threading.Event()
                threading.Thread(target=self._ask, args=(self._done,), daemon=True).start()
            done = self._done
        return done.wait(max(0.0, DEADLINE - age)) and self._up

    def _ask(self, done: threading.Event) -> None:
        try:
            up = self.probe() is not False
        except Exception as error:  # whatever the driver raises, the dependency is down
            _log.warning("dependency down", error=type(error).__name__)
            up = False
        with self._lock:
            self._up, self._running = up, False
        done.set()


def add_check(app: Flask, name: str, probe: Callable[[], object], *, required: bool) -> None:
    """Watch a dependency; `probe` raises or gives False while it is down."""

    def ask() -> object:
        with app.app_context():
            return probe()

    app.extensions.setdefault(_extension, {})[name] = Check(ask, required)


def dependencies(app: Flask) -> dict[str, Check]:
    """Every dependency that is watched; probes, report and doctor ask these and no others."""
    checks: dict[str, Check] = app.extensions.get(_extension, {})
    return checks


def states() -> dict[str, tuple[bool, bool]]:
    """For each dependency: whether it is up, and whether it is required."""
    return {name: (one.is_up(), one.required) for name, one in dependencies(current_app).items()}


class HealthOut(Schema):
    """The report."""

    status = fields.String(metadata={"enum": ["healthy", "degraded", "unhealthy"]})
    timestamp = fields.DateTime()
    version = fields.String()
    dependencies = fields.Dict(keys=fields.String(), values=fields.String())


@blueprint.route("/livez", "GET")
@blueprint.returns(200)
def livez() -> Response:
    """Is this process alive? Looks at nothing else"""
    return jsonify(status="alive")


@blueprint.route("/readyz", "GET")
@blueprint.returns(200)
def readyz() -> Response:
    """Can this process serve now, and will it go on?"""
    down = [name for name, (up, required) in states().items() if required and not up]
    down += ["stopping"] * is_draining()
    if down:
        raise ProblemError(503, f"Not ready: {', '.join(down)}.", headers={"Retry-After": "1"})
    return jsonify(status="ready")


@blueprint.route("/api/health", "GET")
@blueprint.returns(200, HealthOut())
@blueprint.returns(503, HealthOut())
def report() -> Response:
    """How the service and its dependencies are"""
    found = states()
    status = "healthy" if all(up for up, _ in found.values()) else "degraded"
    if any(required and not up for up, required in found.values()):
        status = "unhealthy"
    response = jsonify(
        status=status,
        timestamp=now().isoformat(),
        version=version(__package__.partition(".")[0]),
        dependencies={name: "up" if up else "down" for name, (up, _) in found.items()},
    )
    response.status_code = 503 if status == "unhealthy" else 200
    return response
