"""Limits in memory need no server."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limits_server() -> Iterator[str]:
    """Where the limits are counted, as a URL."""
    yield "memory://"


def limits_url(server: str, worker: int) -> str:
    """Each process has its own memory."""
    return server
