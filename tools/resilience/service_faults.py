"""Faults of the service itself: its log and its workers."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from secrets import token_hex

from ..project import Service, serving
from .load import Request, ask
from .processes import children
from .scenes import Makers, Scene, fault
from .sink import Sink
from .stack import Stack, planted, workers

MAKERS: Makers = {}

# Log sink

LINES = [Request("GET", "/livez")] * 30  # more than the pipe holds


@fault(MAKERS, "logs", "refuse", "freeze", "slow")
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
    """Whether a line that is logged now arrives."""
    name = token_hex(8)
    ask(service.url, Request("GET", "/livez", headers={"X-Request-ID": name}))
    time.sleep(0.1)
    return name.encode() in sink.text


@fault(MAKERS, "logs", "full")
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


@fault(MAKERS, "worker", "refuse", "freeze", "restart")
def _worker(stack: Stack, service: Service, column: str) -> Iterator[Scene]:
    number = {"refuse": signal.SIGKILL, "freeze": signal.SIGSTOP, "restart": signal.SIGTERM}
    before = workers(service)

    def is_replaced() -> bool:
        now = children(service.process.pid)
        return before[0] not in now and len(now) == len(before)

    yield Scene(
        service, lambda: os.kill(before[0], number[column]), is_over=is_replaced, ends_itself=True
    )


SLEEPING = """
import time

@app.before_request
def sleep():
    time.sleep(0.5)
"""


@fault(MAKERS, "worker", "full")
def _worker_full(stack: Stack, _: Service) -> Iterator[Scene]:
    with ExitStack() as ends:
        ends.enter_context(planted(stack.project, SLEEPING))
        service = ends.enter_context(stack.serving(WEB_THREADS="2", WEB_CONCURRENCY="1"))
        yield Scene(service, more=[stack.get("/api/v1/experiments")] * 64)
