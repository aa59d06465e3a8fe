"""Log queue: a blocked sink delays no caller, and lost lines are counted and reported."""

import io
import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ...conftest import PATIENCE, MakeApp
from ...support.served import wait_until
from ...support.service import queue_handler

HELD, LOGGED = 5, 20
WITHIN = 20  # seconds; a flush that waits for a lock held by its caller takes PATIENCE


class Sink(io.StringIO):
    """Blocks until it is open, and fails while it is full."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.is_full = False

    def write(self, text: str) -> int:
        self.open.wait()
        if self.is_full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.open.set()


@pytest.fixture
def handler(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Iterator[queue_handler.Background]:
    monkeypatch.setattr(queue_handler, "LINES_HELD", HELD)
    handler = queue_handler.Background(logging.StreamHandler(sink))
    yield handler
    handler.close()


def log(handler: logging.Handler, count: int) -> None:
    for number in range(count):
        handler.handle(logging.makeLogRecord({"msg": "line %d", "args": (number,)}))


def test_stalled_sink_delays_no_caller_and_lost_lines_are_reported(
    sink: Sink, handler: queue_handler.Background
) -> None:
    log(handler, LOGGED)
    assert handler.dropped >= LOGGED - HELD - 1
    sink.open.set()
    handler.flush()
    lines = sink.getvalue().splitlines()
    written = LOGGED - handler.dropped
    assert lines == [*(f"line {n}" for n in range(written)), f"{handler.dropped} lines dropped"]


def test_full_sink_fails_no_caller_and_recovers(
    sink: Sink, handler: queue_handler.Background, capsys: pytest.CaptureFixture[str]
) -> None:
    sink.open.set()
    sink.is_full = True
    log(handler, 2)
    handler.flush()
    lost = handler.dropped
    assert lost >= 2
    sink.is_full = False
    log(handler, 1)
    handler.flush()
    assert sink.getvalue().splitlines()[0] == "line 0"
    assert capsys.readouterr().err == ""


class Naming(logging.Handler):
    """Gets a logger, which takes the lock of `logging`, as does closing a handler."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger(f"{__name__}.{record.msg}")


def test_log_is_flushed_before_another_application_takes_it_over(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_handler, "FLUSH_SECONDS", PATIENCE)
    handler = queue_handler.Background(Naming())
    log(handler, 1)
    started = time.monotonic()
    make_app()
    assert time.monotonic() - started < WITHIN


def test_lines_are_written_in_order(sink: Sink, handler: queue_handler.Background) -> None:
    sink.open.set()
    for _ in range(LOGGED):
        log(handler, HELD - 1)
        handler.flush()
    assert sink.getvalue().splitlines() == [f"line {n}" for n in range(HELD - 1)] * LOGGED


class Slow(io.RawIOBase):
    """Writes slowly; meanwhile the stream above it is locked."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.reached.set()
        time.sleep(0.3)
        return len(data)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_process_forked_during_a_write_can_still_write() -> None:
    raw = Slow()
    stream = io.TextIOWrapper(io.BufferedWriter(raw))
    handler = queue_handler.Background(logging.StreamHandler(stream))
    log(handler, 1)
    raw.reached.wait()
    child = os.fork()
    if child == 0:
        stream.flush()
        os._exit(0)
    try:
        wait_until(lambda: os.waitpid(child, os.WNOHANG)[0] == child)
    except AssertionError:
        os.kill(child, 9)
        os.waitpid(child, 0)
        raise
    handler.close()
