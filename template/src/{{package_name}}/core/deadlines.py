"""Deadlines: the second middleware. Every request gets a response within REQUEST_TIMEOUT.

This holds whatever the request waits on. A thread cannot be interrupted, but past the deadline its
database connections and its client's socket are shut down, so that reads from them fail at once.
"""

import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from flask import Flask
from werkzeug.wsgi import ClosingIterator

from ..settings import Settings

LOOKS_EVERY = 0.1  # seconds
SHARE = 0.9  # of REQUEST_TIMEOUT; the rest is for the response

_log = structlog.get_logger(__name__)


class Wait:
    """Work that has to end within some seconds, and the connections that it may wait on."""

    def __init__(self, seconds: float, *connections: Any) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds
        self.connections = list(connections)
        self.client: socket.socket | None = None
        self.is_answered = False
        self.is_over = False

    def cut(self) -> None:
        """Shut down what it waits on; the client can still get one response."""
        self.is_over, self.ends = True, self.ends + self.seconds
        for connection in self.connections:
            _shut(connection, socket.SHUT_RDWR)
        if self.client is not None:
            _shut(self.client, socket.SHUT_RDWR if self.is_answered else socket.SHUT_RD)


def _shut(connection: Any, how: int) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.interrupt()
        return
    try:
        # PyMySQL's socket is a private attribute; the other connections have a `fileno`.
        number = getattr(connection, "_sock", connection).fileno()
        with socket.socket(fileno=os.dup(number)) as same:
            same.shutdown(how)
    except Exception as error:  # each driver has its own for a connection that is already closed
        _log.debug("connection already closed", error=type(error).__name__)


_waits: set[Wait] = set()
_lock = threading.Lock()  # no connection is shut down while it changes hands
_watching = 0  # the process that the thread runs in: a fork does not copy threads
_current: ContextVar[Wait | None] = ContextVar("wait", default=None)


def _begin(wait: Wait) -> None:
    global _watching
    with _lock:
        _waits.add(wait)
        if _watching != os.getpid():
            _watching = os.getpid()
            threading.Thread(target=_watch, name="deadlines", daemon=True).start()


def _end(wait: Wait) -> None:
    with _lock:
        _waits.discard(wait)


def _watch() -> None:
    while True:
        time.sleep(LOOKS_EVERY)
        with _lock:
            late = [wait for wait in _waits if wait.ends < time.monotonic()]
            for wait in late:
                if not wait.is_over:
                    wait.cut()
                else:
                    _waits.remove(wait)
                    if wait.client is not None:
                        _end_process(wait.seconds)
        if late:
            _log.warning("deadline exceeded", waits=len(late))


def _end_process(seconds: float) -> None:
    """Last resort: give the worker's other requests this long to finish, then replace it."""
    _log.critical("a request outlasted its deadline; stopping the worker process")
    os.kill(os.getpid(), signal.SIGTERM)
    last = threading.Timer(seconds, os._exit, (1,))  # the stuck thread would keep it alive
    last.daemon = True
    last.start()


@contextmanager
def limit(seconds: float, connection: Any) -> Iterator[None]:
    """Shut the connection down if the block takes longer."""
    wait = Wait(seconds, connection)
    _begin(wait)
    try:
        yield
    finally:
        _end(wait)


def hold(connection: Any) -> None:
    """Note that the current request, if any, may wait on this connection."""
    if wait := _current.get():
        with _lock:
            wait.connections.append(connection)


def release(connection: Any) -> None:
    """Note that the connection was returned: another request may use it from now on."""
    wait = _current.get()
    if wait and connection in wait.connections:
        with _lock:
            wait.connections.remove(connection)


def is_over() -> bool:
    """Whether the current request is past its deadline."""
    wait = _current.get()
    return wait is not None and wait.is_over


def allow(seconds: float) -> None:
    """Give the current request this long from now on, for a route that is inherently slow."""
    if wait := _current.get():
        wait.seconds, wait.ends = seconds, time.monotonic() + seconds


def seconds_left() -> float:
    """Return how long the current request may still wait; infinity outside a request."""
    wait = _current.get()
    return wait.ends - time.monotonic() if wait else float("inf")


def init_app(app: Flask, settings: Settings) -> None:
    """Give every request a deadline."""
    app.wsgi_app = Deadline(app.wsgi_app, settings.request_timeout)  # type: ignore[method-assign]


class Deadline:
    """WSGI middleware. If the server exposes the client's socket, the deadline includes sending."""

    def __init__(self, wsgi_app: WSGIApplication, seconds: float) -> None:
        self._wsgi_app = wsgi_app
        self._seconds = seconds * SHARE

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        wait = Wait(self._seconds)
        wait.client = environ.get("gunicorn.socket")
        token = _current.set(wait)
        _begin(wait)
        try:
            body = self._wsgi_app(environ, start_response)
            wait.is_answered = True
            return ClosingIterator(body, lambda: _end(wait))
        finally:
            _current.reset(token)
            if not (wait.is_answered and wait.client):
                _end(wait)
