"""Limits: counted for all processes together, and for every route."""

from collections.abc import Iterator

from ..context import Context
from ..registry import Located, check

UNLIMITED = {"health"}  # blueprints; probes must not spend what a client may ask for


@check(
    "LIM001",
    "warning",
    "Each process counts limits by itself",
    why="A client gets its limit once from each: 4 processes let 4 times as many requests through.",
    remedy="""
        Count in Redis, or run one process, with more threads:
            RATELIMIT_STORAGE_URI=redis://HOST:6379/0
            WEB_CONCURRENCY=1""",
    source="OWASP API4:2023",
    deploy=True,
)
def memory(context: Context) -> Iterator[str]:
    """RATELIMIT_STORAGE_URI against WEB_CONCURRENCY and the replicas."""
    in_memory = context.settings.ratelimit_storage_uri.startswith("memory")
    if in_memory and context.processes > 1 and context.settings.ratelimit_enabled:
        yield f"Limits are counted in memory by {context.processes} processes."


@check(
    "LIM003",
    "error",
    "A route has no limit",
    why="Passwords and keys can be guessed, and the service be worn out, without end.",
    remedy="""
        Take `limiter.exempt` from the route, and leave the limits on:
            RATELIMIT_ENABLED=true""",
    source="OWASP API2:2023, API4:2023",
)
def unlimited(context: Context) -> Iterator[str]:
    """RATELIMIT_ENABLED, and every route that is exempt, probes aside."""
    if not context.settings.ratelimit_enabled:
        yield "RATELIMIT_ENABLED is false: no route has a limit."
        return
    app = context.app
    manager = app.extensions["service.limiter"].limit_manager
    for endpoint in sorted({rule.endpoint for rule in app.url_map.iter_rules()}):
        blueprint = endpoint.rpartition(".")[0]
        exempt = manager.exemption_scope(app, endpoint, blueprint)
        if exempt and blueprint not in UNLIMITED:
            view = app.view_functions[endpoint]
            yield Located.at(view, f"The route {endpoint} is exempt from limits.")
