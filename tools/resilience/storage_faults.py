"""Faults of the service's storage: the database, the disk and the rate-limit storage."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from secrets import token_hex

from ..project import Service
from .disk import small_disk
from .load import Request, ask
from .processes import kill, wait_until
from .scenes import Makers, Scene, fault, switched
from .stack import LONGEST_QUERY, Stack

MAKERS: Makers = {}

# Database


@fault(MAKERS, "database", "refuse", "slow")
def _database_wire(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    assert stack.database_proxy is not None
    yield switched(service, stack.database_proxy, column)


@fault(MAKERS, "database", "freeze")
def _database_freeze(stack: Stack, service: Service) -> Iterator[Scene]:
    if stack.database is not None:
        yield Scene(service, stack.database.freeze, stack.database.thaw)
        return
    other = sqlite3.connect(stack.disk.path / "service.db", isolation_level=None)
    yield Scene(
        service, lambda: other.execute("BEGIN IMMEDIATE"), lambda: other.execute("ROLLBACK")
    )
    other.close()


@fault(MAKERS, "database", "restart")
def _database_restart(stack: Stack, service: Service) -> Iterator[Scene]:
    assert stack.database is not None
    yield Scene(service, stack.database.restart)


@fault(MAKERS, "database", "read-only")
def _database_read_only(stack: Stack, service: Service) -> Iterator[Scene]:
    database = stack.database
    assert database is not None
    yield Scene(service, lambda: database.be_read_only(True), lambda: database.be_read_only(False))


@fault(MAKERS, "database", "full")
def _database_full(stack: Stack, service: Service) -> Iterator[Scene]:
    database = stack.database
    assert database is not None

    def fill() -> None:
        database.fill(stack.disk)
        _use_up(stack, service)

    yield Scene(service, fill, lambda: database.free(stack.disk))


# Disk


@fault(MAKERS, "disk", "full")
def _disk_full(stack: Stack, service: Service) -> Iterator[Scene]:
    def fill() -> None:
        stack.disk.fill()
        _use_up(stack, service)

    yield Scene(service, fill, stack.disk.free)


def _use_up(stack: Stack, service: Service) -> None:
    """Use up the space that the database had reserved before."""

    def is_full() -> bool:
        writes = [stack.create(token_hex(8), query=LONGEST_QUERY) for _ in range(5)]
        return all(ask(service.url, write).status != 201 for write in writes)

    wait_until(is_full, "the database is full")


@fault(MAKERS, "disk", "read-only")
def _disk_read_only(stack: Stack, _: Service) -> Iterator[Scene]:
    # On a separate disk, since no other process may have a file open there.
    with small_disk(stack.folder / f"disk-{token_hex(4)}", 64) as disk:
        with (
            closing(sqlite3.connect(stack.disk.path / "service.db")) as original,
            closing(sqlite3.connect(disk.path / "service.db")) as copy,
        ):
            original.backup(copy)
        url = f"sqlite:///{disk.path}/service.db"
        # Kill the service, so that its files are left as on a disk that fails under it.
        with stack.serving(DATABASE_URL=url) as before:
            ask(before.url, stack.create(token_hex(8)))
            kill(before.process)
        disk.be_read_only(True)
        with stack.serving(DATABASE_URL=url) as blocked:
            yield Scene(blocked, end=lambda: disk.be_read_only(False))


# Limits


@fault(MAKERS, "limits", "refuse", "freeze", "slow")
def _limits_wire(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    scene = switched(service, stack.redis_proxy, column)
    scene.is_over = lambda: _counts(stack, service)
    yield scene


@fault(MAKERS, "limits", "restart")
def _limits_restart(stack: Stack, service: Service) -> Iterator[Scene]:
    yield Scene(service, stack.redis.restart, is_over=lambda: _counts(stack, service))


@fault(MAKERS, "limits", "read-only", "full")
def _limits_refuse_writes(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    begin, end = {
        "read-only": ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        "full": ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
    }[column]
    say = stack.redis.say
    yield Scene(service, lambda: say(begin), lambda: say(end), lambda: _counts(stack, service))


COUNTED = (
    "EVAL \"local sum = 0 for _, key in ipairs(redis.call('KEYS', '*')) do "
    "sum = sum + redis.call('GET', key) end return sum\" 0"
)


def _counts(stack: Stack, service: Service) -> bool:
    """Whether every worker counts in Redis again: the count equals the number of requests."""
    asked = 6
    stack.redis.say("FLUSHALL")
    for _ in range(asked):
        ask(service.url, Request("GET", "/nothing"))
    return stack.redis.say(COUNTED) == f":{asked}"
