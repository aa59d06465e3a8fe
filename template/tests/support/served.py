"""The production server in its own process, with this project's application."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..conftest import PATIENCE, ROOT, as_variables
from .ports import free_port

SERVE = str(Path(sys.executable).with_name("serve"))


class Server:
    """A running server and the port that it listens on."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self, request: str) -> str:
        """Send a raw request, and return the raw response once the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(request.encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def get(self, path: str) -> str:
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")

    def is_ready(self) -> bool:
        try:
            return self.get("/readyz").startswith("HTTP/1.1 200 ")
        except ConnectionError:
            return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def served(
    folder: Path, some_settings: dict[str, Any], more: str = "", **changes: str
) -> Iterator[Server]:
    """Run the server until the block ends; `more` is code to append to its wsgi.py."""
    (folder / "wsgi.py").write_text((ROOT / "wsgi.py").read_text() + more)
    port = free_port()
    environment = as_variables(some_settings)
    environment |= {"PATH": os.environ["PATH"], "PORT": str(port), "WEB_CONCURRENCY": "1"}
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [SERVE], cwd=folder, env=environment | changes, stdout=output, stderr=output
        )
    server = Server(process, port, log)
    try:
        wait_until(lambda: process.poll() is not None or server.is_ready())
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        process.kill()
        process.wait(PATIENCE)
