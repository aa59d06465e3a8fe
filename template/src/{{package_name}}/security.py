"""Security: headers, trusted hosts, HTTPS, CORS and cookies (OWASP ASVS 3.3, 3.4, 4.1)."""

import re

from flask import Flask, Response, request

from .errors import ProblemError
from .settings import Settings

RESPONSE_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("Cache-Control", "no-store"),
)
PROBES = ("/livez", "/readyz")
CORS_METHODS = "GET, HEAD, POST, PATCH, DELETE"
CORS_REQUEST_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-ID, "
    "traceparent, tracestate, baggage, sentry-trace"
)
CORS_RESPONSE_HEADERS = "ETag, Location, Retry-After, X-Request-ID, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"

_host_and_port = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(:[0-9]*)?").fullmatch


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse what must not come in, and answer browsers of the named origins."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_NAME="__Host-session",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.max_content_length,
        PREFERRED_URL_SCHEME="https",
    )
    # A redirect to the right number of slashes would carry the Host that the client sent.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    origins = frozenset(settings.cors_origins)
    hosts = [host.lower() for host in settings.trusted_hosts]

    @app.before_request
    def refuse() -> Response | None:
        host = request.environ.get("HTTP_HOST", "").lower()
        # RFC 9112, 3.2: a request names its host, and an absolute target names it again.
        if not _host_and_port(host) and (host or request.environ["SERVER_PROTOCOL"] == "HTTP/1.1"):
            raise ProblemError(400, "The Host header is missing, or names no host.")
        target = request.environ.get("RAW_URI", "/").lower()
        absolute = rf"https?://{re.escape(host)}([/?#]|\Z)"
        if target[:1] not in "/*" and not re.match(absolute, target):
            raise ProblemError(400, "The target and the Host header name different hosts.")
        if request.path.rstrip("/") in PROBES and request.environ["PATH_INFO"] not in PROBES:
            raise ProblemError(404)  # a proxy's rule for the probe would not match it
        if request.path in PROBES:
            return None
        if hosts and not _is_trusted(host, hosts):
            raise ProblemError(400, "The Host header names none of this service's hosts.")
        if settings.require_https and not request.is_secure:
            raise ProblemError(403, "Use HTTPS.")
        if _is_preflight() and request.headers.get("Origin") in origins:
            return Response(status=204)
        return None

    @app.after_request
    def allow_origin(response: Response) -> Response:
        if not origins:
            return response
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = CORS_RESPONSE_HEADERS
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            if _is_preflight():
                response.headers["Access-Control-Allow-Methods"] = CORS_METHODS
                response.headers["Access-Control-Allow-Headers"] = CORS_REQUEST_HEADERS
                response.headers["Access-Control-Max-Age"] = "600"
        return response


def _is_preflight() -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _is_trusted(host: str, trusted: list[str]) -> bool:
    """Whether the Host header, with any port, is one of `trusted`."""
    parts = _host_and_port(host)
    return parts is not None and any(
        parts[1] == allowed or (allowed.startswith(".") and parts[1].endswith(allowed))
        for allowed in trusted
    )
