"""Background logging: a thread writes the lines, so a stalled or full sink blocks no request."""

import logging
import os
import threading
import time
import weakref
from contextlib import suppress
from queue import Empty, SimpleQueue

LINES_HELD = 10_000  # further lines are dropped and counted
FLUSH_SECONDS = 2.0

Lines = SimpleQueue[str | SimpleQueue[None] | None]


class Background(logging.Handler):
    """Formats each line immediately; a thread of this process passes it to `target`."""

    def __init__(self, target: logging.Handler) -> None:
        super().__init__()
        self._target = target
        target.handleError = self.handleError  # type: ignore[method-assign]
        self._lines = Lines()
        self._process = 0  # the process with the thread, which a fork does not copy
        self._unheld = self._unwritten = 0  # only one thread at a time updates each
        self.writing = threading.Lock()
        _handlers.add(self)

    @property
    def dropped(self) -> int:
        """How many lines were lost."""
        return self._unheld + self._unwritten

    def emit(self, record: logging.LogRecord) -> None:
        self.hold(self.format(record))

    def hold(self, line: str) -> None:
        """Queue a line that is already formatted."""
        if self._process != os.getpid():
            self._start()
        if self._lines.qsize() < LINES_HELD:
            self._lines.put(line)
        else:
            self._unheld += 1

    def handleError(self, record: logging.LogRecord) -> None:
        """Count a line that the target could not write."""
        self._unwritten += 1

    def flush(self) -> None:
        """Wait until the lines logged so far are written, for FLUSH_SECONDS at most."""
        if self._process == os.getpid():
            # Not an Event: Python code holds its lock, where a finalizer could block the thread.
            written = SimpleQueue[None]()
            self._lines.put(written)
            with suppress(Empty):
                written.get(timeout=FLUSH_SECONDS)

    def close(self) -> None:
        """Stop the thread."""
        self._lines.put(None)
        self._process = 0
        super().close()

    def _start(self) -> None:
        self._process, self._lines = os.getpid(), Lines()
        threading.Thread(target=self._write, args=(self._lines,), name="log", daemon=True).start()

    def _write(self, lines: Lines) -> None:
        told = self.dropped
        while (line := lines.get()) is not None:
            if isinstance(line, str):
                self._write_line(line)
            if self.dropped > told and (lines.empty() or not isinstance(line, str)):
                told = self.dropped
                lost = {"msg": f"{told} lines dropped", "name": __name__, "levelname": "WARNING"}
                self._write_line(self.format(logging.makeLogRecord(lost)))
            if not isinstance(line, str):
                line.put(None)
            time.sleep(0.02 * lines.empty())  # waking up for each line would slow others down

    def _write_line(self, line: str) -> None:
        with self.writing:
            self._target.emit(logging.makeLogRecord({"msg": line}))


def close_all() -> None:
    """Write the queued lines and stop the threads."""
    for handler in list(_handlers):
        handler.flush()
        handler.close()


_handlers: weakref.WeakSet[Background] = weakref.WeakSet()
_held: list[Background] = []


def _hold() -> None:
    """Pause writing for a fork: a stream's lock held meanwhile would stay locked in the child."""
    _held[:] = [handler for handler in _handlers if handler.writing.acquire(timeout=FLUSH_SECONDS)]


def _let_go() -> None:
    for handler in _held:
        handler.writing.release()
    _held.clear()


os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_let_go)
