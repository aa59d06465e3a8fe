"""Production server: starts, rejects malformed requests, and shuts down gracefully."""

import json
import os
import signal
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask

from ...conftest import PATIENCE
from ...support.served import Server, served, wait_until
from ...support.service import PACKAGE

LIMIT = 2000

ROUTE = f"""
import sys
from {PACKAGE}.core.api import json_body

assert "alembic" not in sys.modules  # what migrations need; it would end the start

@app.post("/read")
def read():
    return {{"characters": len(json_body.read_json())}}
"""


@pytest.fixture
def server(shared_app: Flask, some_settings: dict[str, Any], tmp_path: Path) -> Iterator[Server]:
    """A server that runs the project's application with one more route."""
    changes = {"LOG_LEVEL": "INFO", "MAX_CONTENT_LENGTH": str(LIMIT), "DRAIN_SECONDS": "60"}
    with served(tmp_path, some_settings, ROUTE, **changes) as server:
        yield server


def post(credential: dict[str, str], headers: str, body: str) -> str:
    lines = [f"{name}: {value}\r\n" for name, value in credential.items()]
    return (
        "POST /read HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\n{''.join(lines)}{headers}\r\n{body}"
    )


def chunked(*chunks: str) -> str:
    return "".join(f"{len(chunk):x}\r\n{chunk}\r\n" for chunk in (*chunks, ""))


def check_answers(server: Server, credential: dict[str, str]) -> None:
    """Check which requests the server accepts and which it rejects."""
    alive = server.get("/livez")
    assert alive.startswith("HTTP/1.1 200 OK\r\n")
    assert "\r\nX-Content-Type-Options: nosniff\r\n" in alive

    te = "Transfer-Encoding: chunked\r\n"
    half = '"' + "x" * (LIMIT // 2)
    for headers, body, status in (
        ("Content-Length: 3\r\n", '"x"', 200),
        (te, chunked('"x', 'y"'), 200),
        (te, chunked(half, half, half), 413),
        (te, "zz\r\n", 400),
        (f"Content-Length: {LIMIT + 1}\r\n", "", 413),
        (f"Content-Length: 5\r\n{te}", chunked('"x"'), 400),
        ("Content-Length: 3\r\nContent-Length: 5\r\n", '"x"', 400),
    ):
        answer = server.ask(post(credential, headers, body))
        assert answer.startswith(f"HTTP/1.1 {status} "), (headers, answer)


def check_graceful_end(server: Server, credential: dict[str, str]) -> None:
    """Check that draining fails only /readyz, and that a request still arriving completes."""
    with server.connect() as connection:
        head = post(credential, "Content-Length: 6\r\nExpect: 100-continue\r\n", "")
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: server.get("/readyz").startswith("HTTP/1.1 503 "))
        assert server.get("/livez").startswith("HTTP/1.1 200 ")
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in server.log.read_text())
        connection.sendall(b'"late"')
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'{"characters":4}' in answer
    assert server.process.wait(PATIENCE) == 0


def test_server_rejects_malformed_requests_and_stops_gracefully(
    server: Server, credential: dict[str, str]
) -> None:
    check_answers(server, credential)
    check_graceful_end(server, credential)
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {"gunicorn.error", "access"} <= {line["logger"] for line in lines}
    assert not [line for line in lines if line["level"] in ("error", "critical")]


def test_draining_ends_after_drain_seconds(
    shared_app: Flask, some_settings: dict[str, Any], tmp_path: Path
) -> None:
    with served(tmp_path, some_settings, LOG_LEVEL="INFO", DRAIN_SECONDS="0.5") as server:
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in server.log.read_text())
        assert server.process.wait(PATIENCE) == 0


def test_serve_lists_invalid_settings_and_exits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (command,) = entry_points(group="console_scripts", name="serve")
    with patch.dict(os.environ, {"PORT": "eighty"}, clear=True), pytest.raises(SystemExit) as ended:
        command.load()()
    # For SystemExit with a text, Python prints only that text and exits with status 1.
    lines = str(ended.value.code).splitlines()
    assert lines[0] == "Error: The settings are not valid:"
    assert {"DATABASE_URL", "PORT", "SECRET_KEY"} <= {line.strip().split(":")[0] for line in lines}
    assert "eighty" not in str(ended.value.code)
