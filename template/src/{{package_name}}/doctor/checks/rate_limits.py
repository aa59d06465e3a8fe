"""Rate limits: counted for all processes together, and for every route."""

from collections.abc import Iterator

from ...core.middleware.limiter import limiter
from ...core.service import service_of
from ..context import Context
from ..registry import Located, check


@check(
    "LIM001",
    "warning",
    "Each worker process counts rate limits separately",
    why="Each process grants a client the whole limit: 4 processes admit 4 times as many requests.",
    remedy="""
        Count in Redis, or run one worker process with more threads:
            RATELIMIT_STORAGE_URI=redis://HOST:6379/0
            WEB_CONCURRENCY=1""",
    source="OWASP API4:2023",
    deploy=True,
)
def memory(context: Context) -> Iterator[str]:
    """Whether RATELIMIT_STORAGE_URI is in memory while several processes serve (WEB_CONCURRENCY x
    replicas)."""
    in_memory = context.settings.ratelimit_storage_uri.startswith("memory")
    if in_memory and context.processes > 1 and context.settings.ratelimit_enabled:
        yield f"Rate limits are counted in memory by {context.processes} processes."


@check(
    "LIM003",
    "error",
    "A route has no rate limit",
    why="Clients can guess passwords and keys, or overload the service, without limit.",
    remedy="""
        Remove `limiter.exempt` from the route, or declare why it needs no rate limit, and keep rate
        limits on:
            @blueprint.declare(exempt={"rate_limit": "Called by the load balancer."})
            RATELIMIT_ENABLED=true""",
    source="OWASP API2:2023, API4:2023",
)
def unlimited(context: Context) -> Iterator[str]:
    """RATELIMIT_ENABLED, and routes that are exempt without a declared reason."""
    if not context.settings.ratelimit_enabled:
        yield "RATELIMIT_ENABLED is false: no route has a rate limit."
        return
    app = context.app
    routes = service_of(app).routes
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.rpartition(".")[0]
        exempt = limiter.limit_manager.exemption_scope(app, rule.endpoint, blueprint)
        declared = [routes.of(rule.endpoint, method).exempt for method in rule.methods or ()]
        if exempt and not all("rate_limit" in each for each in declared):
            view = app.view_functions[rule.endpoint]
            yield Located.at(view, f"The route {rule.endpoint} is exempt from rate limits.")
