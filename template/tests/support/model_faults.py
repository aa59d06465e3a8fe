"""What a model's API may do wrong, one function each."""

import itertools
import json
import time

from ..conftest import PATIENCE
from .model_api import Behaviour, Handler, completion

GOOD = json.dumps(completion()).encode()
PAUSE = 0.02  # seconds between the bytes that drip


def says(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """A whole answer."""
    return lambda handler: handler.reply(body, status, **headers)


def answers(**changes: object) -> Behaviour:
    """An answer that is good but for these members."""
    return says(json.dumps(completion(**changes)).encode())


def hangs(handler: Handler) -> None:
    """Takes the request, and says nothing until whoever asked has gone."""
    handler.connection.settimeout(PATIENCE)
    handler.connection.recv(1)


def drips_headers(handler: Handler) -> None:
    """A byte now and then, so that no single wait is long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    drip(handler, b"X: y\r\n")


def drips_body(handler: Handler) -> None:
    """The same once the headers are there."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(handler, b" ")


def drip(handler: Handler, text: bytes) -> None:
    for byte in itertools.cycle(text):
        handler.wfile.write(bytes([byte]))
        time.sleep(PAUSE)


def continues(handler: Handler) -> None:
    """Goes on and on before its answer begins."""
    while True:
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(PAUSE)


def never_ends(handler: Handler) -> None:
    """A body without a length and without an end, as fast as it is read."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        handler.wfile.write(b" " * 65_536)


def closes_at_once(handler: Handler) -> None:
    """Takes the request, and closes."""


def closes_in_the_body(handler: Handler) -> None:
    """Closes before what it announced, after something that would parse."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(GOOD) + 10}\r\n\r\n"
    handler.wfile.write(head.encode() + GOOD)


def speaks_no_http(handler: Handler) -> None:
    """Something else listens there."""
    handler.wfile.write(b"220 mail.example ESMTP\r\n")
