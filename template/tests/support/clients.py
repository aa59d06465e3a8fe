"""Settings for servers with one thread, and clients that leave their connections open."""

import socket
from contextlib import ExitStack

from .served import Server
from .service import PACKAGE

HEAD = "POST /size HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
HOSTILE = {
    "no byte": "",
    "half a header": "GET / HTTP/1.1\r\nX: ",
    "answered and left open": "GET /livez HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n",
    "answered, kept alive": "GET /livez HTTP/1.1\r\nHost: here\r\n\r\n",
    "no body": f"{HEAD}Content-Length: 9\r\n\r\n",
    "half a body": f"{HEAD}Content-Length: 9\r\n\r\n1234",
    "too long a body": f"{HEAD}Content-Length: 999999999\r\n\r\n1234",
    "half a chunk": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\n1234",
    "a body to go on with": f"{HEAD}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    "a pipeline": "GET /livez HTTP/1.1\r\nHost: here\r\n\r\n" * 20 + "GET /",
    "an answer that is not read": "GET /much HTTP/1.1\r\nHost: here\r\n\r\n",
}
ROUTES = f"""
import time

from flask import request
from {PACKAGE}.core.server import connection

connection.HEAD_SECONDS = connection.BODY_SECONDS = seconds

@app.post("/size")
def size():
    return {{"bytes": len(request.get_data())}}

@app.get("/much")
def much():
    return "x" * 1_000_000

@app.get("/slow")
def slow():
    time.sleep(0.1)
    return "done"
"""
PATIENT, STRICT = ROUTES.replace("seconds\n", "60\n"), ROUTES.replace("seconds\n", "0.5\n")
ONE_THREAD = {"WEB_THREADS": "1", "WEB_QUEUE": "0", "LOG_LEVEL": "INFO", "DRAIN_SECONDS": "0"}


def connect(server: Server, stack: ExitStack, request: str) -> socket.socket:
    """Send a request over a connection that stays open until `stack` closes."""
    connection = stack.enter_context(server.connect())
    connection.sendall(request.encode())
    return connection


def read(connection: socket.socket) -> str:
    """Read until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(65_536), b"")).decode()


def signed(credential: dict[str, str], request: str) -> str:
    """Add the credential to the request's headers."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in credential.items())
    return request.replace("Host: here\r\n", f"Host: here\r\n{lines}")
