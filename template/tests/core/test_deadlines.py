"""Deadlines: a request gets its response and frees its thread, whatever it waits for."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ..conftest import PATIENCE
from ..support.served import Server, served, wait_until
from ..support.service import PACKAGE, deadlines
from .server.test_serve import post

WITHIN = 20  # seconds; without a deadline, each of these would take longer

ROUTES = f"""
import time

from {PACKAGE}.core import deadlines
from {PACKAGE}.core.api import json_body
from {PACKAGE}.core.server import connection

connection.BODY_SECONDS = 1

@app.post("/read")
def read():
    return {{"characters": len(json_body.read_json())}}

@app.get("/much")
def much():
    return "x" * 50_000_000

@app.get("/slow")
def slow():
    deadlines.allow(60)
    time.sleep(2.5)  # without leave, the worker would be told to end after 1.8
    return "done"

@app.get("/stuck")
def stuck():
    while True:
        time.sleep(60)
"""


# One worker process with one thread, so that a request that blocks it is noticed.
ONE_THREAD = {"REQUEST_TIMEOUT": "1", "WEB_THREADS": "1", "WEB_QUEUE": "0", "LOG_LEVEL": "INFO"}


@pytest.fixture(scope="module")
def server(
    shared_app: Flask, some_settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server for the tests that leave it unchanged."""
    with served(tmp_path_factory.mktemp("server"), some_settings, ROUTES, **ONE_THREAD) as server:
        yield server


@contextmanager
def asking(server: Server, credential: dict[str, str], path: str) -> Iterator[socket.socket]:
    """Send a request, and yield the connection to its unread response."""
    lines = [f"{name}: {value}\r\n" for name, value in credential.items()]
    with server.connect() as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: here\r\n{''.join(lines)}\r\n"
        connection.sendall(request.encode())
        yield connection


def serves(server: Server) -> bool:
    return server.get("/api/health").startswith("HTTP/1.1 200 ")


def test_body_that_never_arrives_gets_408(server: Server, credential: dict[str, str]) -> None:
    answer = server.ask(post(credential, "Content-Length: 6\r\n", '"la'))
    assert answer.startswith("HTTP/1.1 408 ")
    assert "application/problem+json" in answer
    wait_until(lambda: serves(server))


def test_slow_reader_is_disconnected(server: Server, credential: dict[str, str]) -> None:
    log = server.log.read_text
    workers = log().count("Booting worker")
    # Both threads are busy: the one for requests, and the one that would shed them.
    with asking(server, credential, "/much"), asking(server, credential, "/much"):
        # On a busy machine a thread may not end in time; then its worker process is replaced.
        wait_until(lambda: log().count('"/much"') == 2 or log().count("Booting worker") > workers)
        wait_until(lambda: serves(server))


def test_worker_with_a_stuck_request_is_replaced(
    server: Server, credential: dict[str, str]
) -> None:
    workers = server.log.read_text().count("Booting worker")
    with asking(server, credential, "/stuck"):
        wait_until(lambda: "a request outlasted its deadline" in server.log.read_text())
        wait_until(lambda: server.log.read_text().count("Booting worker") > workers)
    wait_until(lambda: serves(server))


def test_slow_route_may_extend_its_deadline(
    credential: dict[str, str], some_settings: dict[str, Any], tmp_path: Path
) -> None:
    # A separate server: the shared one may still log a line of an earlier test.
    with served(tmp_path, some_settings, ROUTES, **ONE_THREAD) as server:
        with asking(server, credential, "/slow") as connection:
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert "deadline exceeded" not in server.log.read_text()


def test_block_over_its_limit_loses_its_connection() -> None:
    ours, theirs = socket.socketpair()
    started = time.monotonic()
    with ours, theirs, deadlines.limit(0.2, ours):
        ours.settimeout(PATIENCE)
        assert ours.recv(1) == b""
    assert time.monotonic() - started < WITHIN


def test_released_connection_is_not_cut_off() -> None:
    ours, theirs = socket.socketpair()
    wait = deadlines.Wait(0)
    token = deadlines._current.set(wait)
    deadlines.hold(ours)
    deadlines.release(ours)
    deadlines._current.reset(token)
    with ours, theirs:
        wait.cut()
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"
