"""CORS: answer preflight requests from CORS_ORIGINS, and add the headers to responses.

Runs after the host check and before authentication. The headers of each response tell the browser
whether the page may read it (OWASP ASVS 3.4.2).
"""

from collections.abc import Collection

from flask import Flask, Response, request
from werkzeug import Request
from werkzeug import Response as AnyResponse

from ...settings import Settings

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-ID, "
    "traceparent, tracestate, baggage, sentry-trace"
)
RESPONSE_HEADERS = "ETag, Location, Retry-After, X-Request-ID, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"


def init_app(app: Flask, settings: Settings) -> None:
    """Let pages of CORS_ORIGINS call the service; without any, only same-origin pages can."""
    origins = frozenset(settings.cors_origins)
    if not origins:
        return

    @app.before_request
    def answer_preflight() -> Response | None:
        allowed = _is_preflight(request) and request.headers.get("Origin") in origins
        return Response(status=204) if allowed else None

    @app.after_request
    def allow(response: Response) -> Response:
        allow_origin(response, request, origins)
        return response


def allow_origin(response: AnyResponse, request: Request, origins: Collection[str]) -> None:
    """Add the CORS headers to the response if the request's origin is one of `origins`."""
    if not origins:
        return
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin in origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = RESPONSE_HEADERS
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if _is_preflight(request):
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = REQUEST_HEADERS
            response.headers["Access-Control-Max-Age"] = "600"


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
