"""Each fault of the matrix, made for real on a running service, and taken away again."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from secrets import token_hex

from ..project import Service, serving
from .disk import small_disk
from .load import Request, ask
from .processes import children, kill, wait_until
from .proxy import Mode, Proxy
from .sink import Sink
from .stack import Stack, planted

LONGEST_QUERY = token_hex(5000)  # as long as the service takes it


def nothing() -> None:
    """No step is needed."""


def always() -> bool:
    """Nothing further has to be true."""
    return True


@dataclass
class Scene:
    """A service, how the fault begins and ends, and what shows that all is as before."""

    service: Service
    begin: Callable[[], object] = nothing
    end: Callable[[], object] = nothing
    is_over: Callable[[], bool] = always
    more: list[Request] = field(default_factory=list)
    ends_itself: bool = False


Maker = Callable[[Stack, Service], AbstractContextManager[Scene]]
MAKERS: dict[tuple[str, str], Maker] = {}


def fault(row: str, *columns: str) -> Callable[[Callable[..., Iterator[Scene]]], None]:
    """Enter what makes a scene under its cells; for several of them it is told which."""

    def enter(make: Callable[..., Iterator[Scene]]) -> None:
        for column in columns:
            told = (column,) if len(columns) > 1 else ()
            MAKERS[row, column] = lambda *where, told=told: contextmanager(make)(*where, *told)

    return enter


# Database


@fault("database", "refuse", "slow")
def _database_wire(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    assert stack.database_proxy is not None
    yield _switched(service, stack.database_proxy, column)


def _switched(service: Service, proxy: Proxy, column: str) -> Scene:
    modes = {"refuse": Mode.REFUSE, "freeze": Mode.SWALLOW, "slow": Mode.SLOW}
    return Scene(service, lambda: proxy.switch(modes[column]), lambda: proxy.switch(Mode.PASS))


@fault("database", "freeze")
def _database_freeze(stack: Stack, service: Service) -> Iterator[Scene]:
    if stack.database is not None:
        yield Scene(service, stack.database.freeze, stack.database.thaw)
        return
    other = sqlite3.connect(stack.disk.path / "service.db", isolation_level=None)
    yield Scene(
        service, lambda: other.execute("BEGIN IMMEDIATE"), lambda: other.execute("ROLLBACK")
    )
    other.close()


@fault("database", "restart")
def _database_restart(stack: Stack, service: Service) -> Iterator[Scene]:
    assert stack.database is not None
    yield Scene(service, stack.database.restart)


@fault("database", "read-only")
def _database_read_only(stack: Stack, service: Service) -> Iterator[Scene]:
    database = stack.database
    assert database is not None
    yield Scene(service, lambda: database.be_read_only(True), lambda: database.be_read_only(False))


@fault("database", "full")
def _database_full(stack: Stack, service: Service) -> Iterator[Scene]:
    database = stack.database
    assert database is not None

    def fill() -> None:
        database.fill(stack.disk)
        _use_up(stack, service)

    yield Scene(service, fill, lambda: database.free(stack.disk))


# Disk


@fault("disk", "full")
def _disk_full(stack: Stack, service: Service) -> Iterator[Scene]:
    def fill() -> None:
        stack.disk.fill()
        _use_up(stack, service)

    yield Scene(service, fill, stack.disk.free)


def _use_up(stack: Stack, service: Service) -> None:
    """Use up what room the database had set aside before."""

    def is_full() -> bool:
        writes = [stack.create(token_hex(8), query=LONGEST_QUERY) for _ in range(5)]
        return all(ask(service.url, write).status != 201 for write in writes)

    wait_until(is_full, "the database is full")


@fault("disk", "read-only")
def _disk_read_only(stack: Stack, _: Service) -> Iterator[Scene]:
    # On a disk of its own: nothing else may have a file open there.
    with small_disk(stack.folder / f"disk-{token_hex(4)}", 64) as disk:
        with (
            closing(sqlite3.connect(stack.disk.path / "service.db")) as original,
            closing(sqlite3.connect(disk.path / "service.db")) as copy,
        ):
            original.backup(copy)
        url = f"sqlite:///{disk.path}/service.db"
        # Killed, it leaves its files as they are on a disk that fails under it.
        with stack.serving(DATABASE_URL=url) as before:
            ask(before.url, stack.create(token_hex(8)))
            kill(before.process)
        disk.be_read_only(True)
        with stack.serving(DATABASE_URL=url) as blocked:
            yield Scene(blocked, end=lambda: disk.be_read_only(False))


# Limits


@fault("limits", "refuse", "freeze", "slow")
def _limits_wire(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    scene = _switched(service, stack.redis_proxy, column)
    scene.is_over = lambda: _counts(stack, service)
    yield scene


@fault("limits", "restart")
def _limits_restart(stack: Stack, service: Service) -> Iterator[Scene]:
    yield Scene(service, stack.redis.restart, is_over=lambda: _counts(stack, service))


@fault("limits", "read-only", "full")
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
    """Whether every worker counts in Redis again: as often as it is asked."""
    asked = 6
    stack.redis.say("FLUSHALL")
    for _ in range(asked):
        ask(service.url, Request("GET", "/nothing"))
    return stack.redis.say(COUNTED) == f":{asked}"


# Log sink

LINES = [Request("GET", "/livez")] * 30  # more than the pipe holds


@fault("logs", "refuse", "freeze", "slow")
def _logs_pipe(stack: Stack, _: Service, column: str) -> Iterator[Scene]:
    pipe = stack.folder / f"pipe-{token_hex(4)}"
    os.mkfifo(pipe)
    with Sink(pipe) as sink, serving(stack.project, pipe, **stack.variables) as service:
        yield Scene(
            service,
            lambda: sink.turn(column),
            lambda: sink.turn("read"),
            lambda: column == "refuse" or _is_logged(service, sink),
            LINES,
        )


def _is_logged(service: Service, sink: Sink) -> bool:
    """Whether a line that is caused now arrives."""
    name = token_hex(8)
    ask(service.url, Request("GET", "/livez", headers={"X-Request-ID": name}))
    time.sleep(0.1)
    return name.encode() in sink.text


@fault("logs", "full")
def _logs_full(stack: Stack, _: Service) -> Iterator[Scene]:
    file = stack.log_disk.path / "service.log"

    def is_logged() -> bool:
        name = token_hex(8)
        ask(service.url, Request("GET", "/livez", headers={"X-Request-ID": name}))
        time.sleep(0.1)
        return name in file.read_text(errors="replace")

    with stack.serving(LOG_FILE=str(file)) as service:
        yield Scene(service, stack.log_disk.fill, stack.log_disk.free, is_logged, LINES)


# Worker


@fault("worker", "refuse", "freeze", "restart")
def _worker(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    number = {"refuse": signal.SIGKILL, "freeze": signal.SIGSTOP, "restart": signal.SIGTERM}
    workers = children(service.process.pid)

    def is_replaced() -> bool:
        now = children(service.process.pid)
        return workers[0] not in now and len(now) == len(workers)

    yield Scene(
        service, lambda: os.kill(workers[0], number[column]), is_over=is_replaced, ends_itself=True
    )


SLEEPING = """
import time

@app.before_request
def sleep():
    time.sleep(0.5)
"""


@fault("worker", "full")
def _worker_full(stack: Stack, _: Service) -> Iterator[Scene]:
    with ExitStack() as ends:
        ends.enter_context(planted(stack.project, SLEEPING))
        service = ends.enter_context(stack.serving(WEB_THREADS="2", WEB_CONCURRENCY="1"))
        yield Scene(service, more=[stack.get("/api/v1/experiments")] * 64)
