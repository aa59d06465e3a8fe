"""Dependencies: the other services that this one uses, and whether each of them is up."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

DEADLINE = 1.0  # maximum seconds that a response waits for a dependency
FRESH = 1.0  # seconds for which a result is valid; a dependency is probed no more often

_log = structlog.get_logger(__name__)


@dataclass
class Dependency:
    """A dependency, probed by one thread at a time. No caller waits longer than DEADLINE."""

    probe: Callable[[], object]
    """Raises or returns False while the dependency is down."""
    required: bool
    """Whether the service needs it to serve requests."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _done: threading.Event = field(default_factory=threading.Event)
    _started: float = float("-inf")
    _running: bool = False
    _up: bool = False

    def is_up(self) -> bool:
        """Whether the last probe succeeded in time."""
        with self._lock:
            age = time.monotonic() - self._started
            if not self._running and age >= FRESH:
                self._running, self._started, age = True, time.monotonic(), 0.0
                self._done = threading.Event()
                threading.Thread(target=self._run, args=(self._done,), daemon=True).start()
            done = self._done
        return done.wait(max(0.0, DEADLINE - age)) and self._up

    def _run(self, done: threading.Event) -> None:
        try:
            up = self.probe() is not False
        except Exception as error:  # whatever the driver raises, the dependency is down
            _log.warning("dependency down", error=type(error).__name__)
            up = False
        with self._lock:
            self._up, self._running = up, False
        done.set()
