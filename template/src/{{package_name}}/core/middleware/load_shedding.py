"""Load shedding: the last middleware before Flask; what this worker cannot do soon is a 503 at once.

The server has a thread for each request that is handled, for each that waits, and one more: that
one is always there to refuse, and to answer the probes.
"""

import threading
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request

from ...settings import Settings
from ..errors import ProblemError
from .hosts import PROBES

LONGEST_WAIT = 1.0  # seconds
REFUSED = "service.refused"


def threads(settings: Settings) -> int:
    """How many threads the server needs."""
    return settings.web_threads + settings.web_queue + 1


def init_app(app: Flask, settings: Settings) -> None:
    """Let `WEB_THREADS` requests in at once, and `WEB_QUEUE` wait."""
    app.wsgi_app = Gate(app.wsgi_app, settings)  # type: ignore[method-assign]

    @app.before_request
    def refuse() -> None:
        if REFUSED in request.environ:
            raise ProblemError(503, "Too much is asked at once.", headers={"Retry-After": "1"})


class Gate:
    """WSGI middleware that admits a request, or marks it as refused."""

    def __init__(self, wsgi_app: WSGIApplication, settings: Settings) -> None:
        self._wsgi_app = wsgi_app
        self._free = threading.Semaphore(settings.web_threads)
        self._places = threading.Semaphore(settings.web_queue)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] in PROBES:
            return self._wsgi_app(environ, start_response)
        if not self._admit():
            environ[REFUSED] = True
            return self._wsgi_app(environ, start_response)
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
