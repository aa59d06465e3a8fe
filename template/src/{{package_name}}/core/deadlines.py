"""Deadlines: the second middleware; a response comes within REQUEST_TIMEOUT, whatever it waits for.

A thread cannot be interrupted, but what it waits on can be taken away: past the deadline its
database connections and its client's socket are shut, and whoever reads from them fails at once.
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
SHARE = 0.9  # of REQUEST_TIMEOUT: what is left is for the answer

_log = structlog.get_logger(__name__)


class Wait:
    """Something that has to end within some seconds, and the connections that it may wait on."""

    def __init__(self, seconds: float, *connections: Any) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds
        self.connections = list(connections)
        self.client: socket.socket | None = None
        self.is_answered = False
        self.is_over = False

    def cut(self) -> None:
        """Take away what it waits on; the client can still be answered, once."""
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
        # PyMySQL keeps its socket to itself; the others tell its number.
        number = getattr(connection, "_sock", connection).fileno()
        with socket.socket(fileno=os.dup(number)) as same:
            same.shutdown(how)
    except Exception as error:  # each driver has its own for a connection that is closed already
        _log.debug("nothing to cut off", error=type(error).__name__)


_waits: set[Wait] = set()
_lock = threading.Lock()  # a connection is not cut off while it changes hands
_watching = 0  # the process that the thread runs in: a fork leaves it behind
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
            _log.warning("past the deadline", waits=len(late))


def _end_process(seconds: float) -> None:
    """The last resort: the worker lets its other requests end, for so long, and is replaced."""
    _log.critical("a request does not end, so its process does")
    os.kill(os.getpid(), signal.SIGTERM)
    last = threading.Timer(seconds, os._exit, (1,))  # for the stuck thread would never let it end
    last.daemon = True
    last.start()


@contextmanager
def limit(seconds: float, connection: Any) -> Iterator[None]:
    """Cut the connection off where the block takes longer."""
    wait = Wait(seconds, connection)
    _begin(wait)
    try:
        yield
    finally:
        _end(wait)


def hold(connection: Any) -> None:
    """Note that the current request, if there is one, may wait on this connection."""
    if wait := _current.get():
        with _lock:
            wait.connections.append(connection)


def release(connection: Any) -> None:
    """Note that it is given back: from now on it may be another request's."""
    wait = _current.get()
    if wait and connection in wait.connections:
        with _lock:
            wait.connections.remove(connection)


def is_over() -> bool:
    """Whether the current request is past its deadline."""
    wait = _current.get()
    return wait is not None and wait.is_over


def allow(seconds: float) -> None:
    """Give the current request so long from now on; for a route that is slow by its nature."""
    if wait := _current.get():
        wait.seconds, wait.ends = seconds, time.monotonic() + seconds


def seconds_left() -> float:
    """How long the current request may still wait; outside of one, for ever."""
    wait = _current.get()
    return wait.ends - time.monotonic() if wait else float("inf")


def init_app(app: Flask, settings: Settings) -> None:
    """Give every request its deadline."""
    app.wsgi_app = Deadline(app.wsgi_app, settings.request_timeout)  # type: ignore[method-assign]


class Deadline:
    """WSGI middleware; where the server tells the client's socket, sending has to end, too."""

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
