"""Health checks: liveness of this process, readiness to serve, and a report on each dependency."""

from collections.abc import Callable
from importlib.metadata import version

from flask import Flask, Response, jsonify
from marshmallow import Schema, fields
from sqlalchemy import text

from .api.blueprint import Blueprint
from .database import db, now
from .dependencies import Dependency
from .draining import is_draining
from .errors import ProblemError
from .service import current_service, service_of

blueprint = Blueprint(
    "health",
    __name__,
    description="Whether the service and its dependencies work",
    public=True,
    exempt={
        "rate_limit": "Probes are frequent, and must not use up a client's rate limit.",
    },
)


def init_app(app: Flask) -> None:
    """Add the database and, if there is one, the server that counts requests as dependencies."""
    add_dependency(app, "database", _ask_database, required=True)
    service = service_of(app)
    if service.limits_requests and service.counter.is_shared:
        add_dependency(app, "limits", service.counter.probe, required=False)


def add_dependency(app: Flask, name: str, probe: Callable[[], object], *, required: bool) -> None:
    """Report on a dependency; `probe` raises or returns False while it is down.

    `required`: /readyz responds with 503 while it is down.
    """

    def run() -> object:
        with app.app_context():
            return probe()

    service_of(app).dependencies[name] = Dependency(run, required)


def _ask_database() -> bool:
    """Whether it responds and `flask db upgrade` has run, because the service needs its tables."""
    with db.engine.execution_options(read_only=True).connect() as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision is not None


def states() -> dict[str, tuple[bool, bool]]:
    """Return, for each dependency, whether it is up and whether it is required."""
    found = current_service().dependencies.items()
    return {name: (dependency.is_up(), dependency.required) for name, dependency in found}


class HealthOut(Schema):
    """The health report."""

    status = fields.String(metadata={"enum": ["healthy", "degraded", "unhealthy"]})
    timestamp = fields.DateTime()
    version = fields.String()
    dependencies = fields.Dict(keys=fields.String(), values=fields.String())


@blueprint.route("/livez")
@blueprint.response(200)
def livez() -> Response:
    """Check that this process is alive, not its dependencies"""
    return jsonify(status="alive")


@blueprint.route("/readyz")
@blueprint.response(200)
def readyz() -> Response:
    """Check that this process can serve requests, and is not stopping"""
    down = [name for name, (up, required) in states().items() if required and not up]
    if is_draining():
        down.append("stopping")
    if down:
        raise ProblemError(503, f"Not ready: {', '.join(down)}.", headers={"Retry-After": "1"})
    return jsonify(status="ready")


@blueprint.route("/api/health")
@blueprint.response(200, HealthOut())
@blueprint.alt_response(503, schema=HealthOut())
def report() -> Response:
    """Report the health of the service and its dependencies"""
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
