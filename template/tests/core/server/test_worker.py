"""Worker process: makes room for connections; stops and is replaced without losing requests."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ...support.clients import HOSTILE, ONE_THREAD, PATIENT, STRICT, connect, read, signed
from ...support.served import Server, served, wait_until

KEPT_ALIVE = "answered, kept alive"
Serve = Callable[..., Server]


@pytest.fixture
def serve(shared_app: Flask, some_settings: dict[str, Any], tmp_path: Path) -> Iterator[Serve]:
    """Start a server whose only worker process handles one request at a time."""
    with ExitStack() as stack:

        def start(routes: str, options: str = "", **changes: str) -> Server:
            variables = ONE_THREAD | {"GUNICORN_CMD_ARGS": options} | changes
            return stack.enter_context(served(tmp_path, some_settings, routes, **variables))

        yield start


@pytest.fixture(scope="module")
def small_server(
    shared_app: Flask, some_settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that allows only a few connections."""
    variables = ONE_THREAD | {"GUNICORN_CMD_ARGS": "--worker-connections=10"}
    with served(tmp_path_factory.mktemp("server"), some_settings, PATIENT, **variables) as server:
        yield server


def test_gunicorn_version_is_the_one_the_worker_supports() -> None:
    assert version("gunicorn").startswith("27.0.")


@pytest.mark.parametrize("request_", ["", "GET /livez HTTP/1.1\r\nX: ", HOSTILE[KEPT_ALIVE]])
def test_oldest_connection_makes_room_for_a_new_one(small_server: Server, request_: str) -> None:
    def is_closed() -> bool:
        connect(small_server, stack, "")
        try:
            return first.recv(65_536) == b""
        except TimeoutError:
            return False

    with ExitStack() as stack:
        first = connect(small_server, stack, request_)
        first.settimeout(0.05)
        # A thread may still hold it while others connect; once idle, it is closed before them.
        wait_until(is_closed)
        assert small_server.get("/livez").startswith("HTTP/1.1 200 ")


def test_stopping_server_completes_every_received_request(
    serve: Serve, credential: dict[str, str]
) -> None:
    server = serve(PATIENT, WEB_QUEUE="8")
    worker = int(Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text())
    with ExitStack() as stack:
        request = "GET /slow HTTP/1.1\r\nHost: here\r\n\r\n"
        accepted = [connect(server, stack, signed(credential, request)) for _ in range(3)]
        os.kill(worker, signal.SIGSTOP)
        queued = [connect(server, stack, signed(credential, request)) for _ in range(3)]
        server.process.send_signal(signal.SIGTERM)
        os.kill(worker, signal.SIGCONT)
        for connection in [*accepted, *queued]:
            assert read(connection).startswith("HTTP/1.1 200 ")
    assert server.process.wait(30) == 0


def test_replacing_a_worker_loses_no_requests(serve: Serve) -> None:
    server = serve(STRICT, "--max-requests=20 --max-requests-jitter=0")

    def is_replaced() -> bool:
        connect(server, stack, HOSTILE["half a header"])
        assert server.get("/livez").startswith("HTTP/1.1 200 ")
        return server.log.read_text().count("Booting worker") > 1

    with ExitStack() as stack:
        wait_until(is_replaced)
