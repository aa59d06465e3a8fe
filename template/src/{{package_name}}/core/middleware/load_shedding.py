"""Load shedding: when this worker is saturated, excess requests get 503 immediately.

This is the last WSGI middleware before Flask. The server has a thread for each request in progress,
one for each waiting request, and one more, which is always free to reject a request or to answer a
probe.
"""

import threading
from collections.abc import Iterable
from contextlib import suppress
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request
from werkzeug.exceptions import HTTPException

from ...settings import Settings
from ..errors import problem_response
from .cors import allow_origin
from .hosts import PROBES

LONGEST_WAIT = 1.0  # seconds
SATURATED = "The service is saturated; try again."


def threads(settings: Settings) -> int:
    """Return how many threads the server needs."""
    return settings.web_threads + settings.web_queue + 1


def init_app(app: Flask, settings: Settings) -> None:
    """Admit `WEB_THREADS` requests at once, and let `WEB_QUEUE` more wait."""
    app.wsgi_app = LoadShedding(app, settings)  # type: ignore[method-assign]


class LoadShedding:
    """WSGI middleware that passes a request on or responds with 503."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._wsgi_app: WSGIApplication = app.wsgi_app
        self._origins = frozenset(settings.cors_origins)
        self._free = threading.Semaphore(settings.web_threads)
        self._places = threading.Semaphore(settings.web_queue)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] in PROBES:
            return self._wsgi_app(environ, start_response)
        if not self._admit():
            return self._shed(environ, start_response)
        try:
            return self._wsgi_app(environ, start_response)
        finally:
            self._free.release()

    def _admit(self) -> bool:
        if self._free.acquire(blocking=False):
            return True
        if not self._places.acquire(blocking=False):
            return False
        try:
            return self._free.acquire(timeout=LONGEST_WAIT)
        finally:
            self._places.release()

    def _shed(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = problem_response(environ, 503, SATURATED)
        response.headers["Retry-After"] = "1"
        allow_origin(response, self._request(environ), self._origins)
        return response(environ, start_response)

    def _request(self, environ: WSGIEnvironment) -> Request:
        """Return the request, with its route matched as Flask does, for the access log."""
        request = self._app.request_class(environ)
        with suppress(HTTPException):  # a path or host that Flask would reject
            if urls := self._app.create_url_adapter(request):
                request.url_rule, _ = urls.match(return_rule=True)
        return request
