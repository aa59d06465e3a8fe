"""Ways in which a model's API can fail, one function each."""

import itertools
import json
import time

from ..conftest import PATIENCE
from .model_api import Behaviour, Handler, completion

GOOD = json.dumps(completion()).encode()
PAUSE = 0.02  # seconds between dripped bytes


def says(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """Send a complete response."""
    return lambda handler: handler.reply(body, status, **headers)


def answers(**changes: object) -> Behaviour:
    """Send a valid response except for these members."""
    return says(json.dumps(completion(**changes)).encode())


def hangs(handler: Handler) -> None:
    """Read the request, then send nothing until the client disconnects."""
    handler.connection.settimeout(PATIENCE)
    handler.connection.recv(1)


def drips_headers(handler: Handler) -> None:
    """Send headers a byte at a time, so that no single read takes long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    drip(handler, b"X: y\r\n")


def drips_body(handler: Handler) -> None:
    """Send complete headers, then the body a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(handler, b" ")


def drip(handler: Handler, text: bytes) -> None:
    for byte in itertools.cycle(text):
        handler.wfile.write(bytes([byte]))
        time.sleep(PAUSE)


def continues(handler: Handler) -> None:
    """Send 100 Continue forever, and never the actual response."""
    while True:
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(PAUSE)


def never_ends(handler: Handler) -> None:
    """Send an endless body without a length, as fast as the client reads it."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        handler.wfile.write(b" " * 65_536)


def closes_at_once(handler: Handler) -> None:
    """Read the request, then close the connection."""


def closes_in_the_body(handler: Handler) -> None:
    """Close before the announced length is reached, after a body that would parse."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(GOOD) + 10}\r\n\r\n"
    handler.wfile.write(head.encode() + GOOD)


def speaks_no_http(handler: Handler) -> None:
    """Respond as a server of another protocol (SMTP)."""
    handler.wfile.write(b"220 mail.example ESMTP\r\n")
