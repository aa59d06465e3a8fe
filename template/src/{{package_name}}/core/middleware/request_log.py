"""Request log: the outermost middleware, which logs every response, whatever produced it.

It also finds the client behind trusted proxies, assigns the request ID and adds the security
headers.
"""

import random
import re
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from flask import Flask
from werkzeug.wsgi import ClosingIterator

from ...settings import Settings
from ..auth.owner import OWNER
from ..logs import log_request
from .headers import with_defaults
from .proxies import TrustedProxies, client_network

REQUEST_ID = "service.request_id"

_acceptable_id = re.compile(r"[A-Za-z0-9._-]{8,128}").fullmatch


def init_app(app: Flask, settings: Settings) -> None:
    """Wrap the application in the middleware."""
    app.wsgi_app = RequestLog(app.wsgi_app, settings)  # type: ignore[method-assign]


class RequestLog:
    """WSGI middleware for the client's address, request ID, security headers and access log."""

    def __init__(self, wsgi_app: WSGIApplication, settings: Settings) -> None:
        self._wsgi_app = wsgi_app
        self._proxies = TrustedProxies(settings.trusted_proxies)
        # Elsewhere than in development, a path may contain what must not be logged.
        self._logs_path = settings.app_env == "development"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        self._proxies.apply(environ)
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _acceptable_id(given) else f"{random.getrandbits(128):032x}"
        environ[REQUEST_ID] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status, rule = "", None

        def start(status_line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status, rule
            status, rule = status_line, getattr(environ.get("werkzeug.request"), "url_rule", None)
            headers = [*with_defaults(headers), ("X-Request-ID", request_id)]
            return start_response(status_line, headers, exc_info)

        def log() -> None:
            more = {"owner": environ[OWNER]} if OWNER in environ else {}
            if self._logs_path:
                more["path"] = quote(environ.get("PATH_INFO", ""), encoding="latin-1")
            log_request(
                method=environ["REQUEST_METHOD"],
                route=rule.rule if rule else "unmatched",
                status=int(status[:3] or 0),
                duration_ms=round((time.perf_counter() - started) * 1000, 1),
                request_id=request_id,
                client=client_network(environ.get("REMOTE_ADDR", "")),
                **more,
            )

        return ClosingIterator(self._wsgi_app(environ, start), log)
