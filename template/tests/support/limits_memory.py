"""Rate limit storage for the tests: memory, which needs no server."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limits_server() -> Iterator[str]:
    """Yield the URL of the rate limit storage."""
    yield "memory://"


def limits_url(server: str, worker: int) -> str:
    """Return the same URL for every worker: each process has its own memory."""
    return server
