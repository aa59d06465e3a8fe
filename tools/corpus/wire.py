"""A client that sends bytes unchanged and reads the responses without repairing anything."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass

from .probe import PAUSE

PATIENCE = 30.0  # seconds for a whole exchange
BETWEEN_PIECES = 0.02


class NoEndError(Exception):
    """The server neither completed its response nor closed the connection in time."""


@dataclass(frozen=True)
class Reply:
    """One response. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def exchange(address: tuple[str, int], request: bytes) -> list[Reply]:
    """Send these bytes and nothing more, and read all responses until the server closes."""
    deadline = time.monotonic() + PATIENCE
    with socket.create_connection(address, PATIENCE) as connection:
        # The server may reject and close before it has read everything. The response remains.
        with suppress(OSError):
            _send(connection, request)
        received = _receive(connection, deadline)
    return list(_replies(received, request.startswith(b"HEAD ")))


def _send(connection: socket.socket, request: bytes) -> None:
    first, *pieces = request.split(PAUSE)
    connection.sendall(first)
    for piece in pieces:
        time.sleep(BETWEEN_PIECES)
        connection.sendall(piece)
    connection.shutdown(socket.SHUT_WR)


def _receive(connection: socket.socket, deadline: float) -> bytes:
    received = b""
    try:
        while time.monotonic() < deadline:
            connection.settimeout(max(0.01, deadline - time.monotonic()))
            piece = connection.recv(65536)
            if not piece:
                return received
            received += piece
    except ConnectionResetError:
        return received
    except TimeoutError:
        pass
    raise NoEndError(f"no complete response after {PATIENCE} s, only {received[:200]!r}")


def _replies(received: bytes, to_head: bool) -> list[Reply]:
    replies = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in lines]
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        if len(headers) < len(pairs):
            raise ValueError(f"duplicate header: {head!r}")
        status = int(first.split(" ")[1]) if first.startswith("HTTP/1.") else -1
        if 100 <= status < 200:
            continue
        without_body = to_head or status in (204, 304)
        length = 0 if without_body else int(headers.get("content-length", len(received)))
        if len(received) < length:
            raise ValueError(f"truncated response: {head!r}")
        replies.append(Reply(status, headers, received[:length]))
        received = received[length:]
    return replies
