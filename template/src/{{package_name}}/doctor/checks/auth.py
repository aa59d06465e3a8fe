"""Authentication: every route requires a credential unless it is declared public."""

import uuid
from collections.abc import Iterator

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from ...core.service import service_of
from ..context import Context
from ..registry import Located, check


@check(
    "AUT001",
    "error",
    "A route requires no credential",
    why="Anyone who finds it can read or change the data behind it.",
    remedy="""
        Keep the line `bearer.require` in create_app. If a route is meant to be public, declare that
        below its `route`, with `@blueprint.declare(public=True)`. To see how a route responds:
            curl -si http://127.0.0.1:5000/api/v1/...""",
    source="OWASP ASVS 8.2; API2:2023, API5:2023",
)
def strangers(context: Context) -> Iterator[str]:
    """Whether each route that is not declared public rejects a request without a credential; no
    view runs."""
    app = context.app
    routes = service_of(app).routes
    host = next(iter(context.settings.trusted_hosts), "localhost")
    base = f"https://{'x' if host.startswith('.') else ''}{host}"
    urls = app.url_map.bind("")
    for rule in app.url_map.iter_rules():
        try:  # with a value that most URL converters accept
            path = urls.build(rule.endpoint, dict.fromkeys(rule.arguments, uuid.UUID(int=1)))
        except (BuildError, TypeError, ValueError):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if routes.of(rule.endpoint, method).public:
                continue
            with context.unlimited(), app.test_request_context(path, base, method=method):
                if request.endpoint == rule.endpoint and not _refuses():
                    detail = f"{method} {rule.rule} accepts requests without a credential."
                    yield Located.at(app.view_functions[rule.endpoint], detail)


def _refuses() -> bool:
    """Return whether the functions that run before the view reject an anonymous request."""
    try:
        answer = current_app.preprocess_request()
    except HTTPException as refusal:
        return refusal.code in (401, 403)
    return answer is not None and current_app.make_response(answer).status_code in (401, 403)
