"""A circuit breaker: after some failures in a row nobody waits for a part that is down."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

FAILURES = 5  # in a row, until it opens
PAUSE = 2.0  # seconds that it stays open, until one call tries again

_log = structlog.get_logger(__name__)


class OpenError(Exception):
    """It is open: the call was not made. `seconds` from now one may be."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Breaker:
    """Watches the calls of one process to one part; shared by all threads.

    While closed, every call is let through. Open, none is. After PAUSE it is half-open: one call is
    let through on trial, and what becomes of it closes or opens the breaker.
    """

    def __init__(self, name: str, owner: str | None = None) -> None:
        self._of = {"part": name} | ({"owner": owner} if owner else {})
        self._lock = threading.Lock()
        self._failures = 0
        self._failed_by: str | None = None
        self._opened = 0.0
        self._state = "closed"

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`, as the last call left it."""
        return self._state

    def works(self) -> bool:
        """Whether the last call worked, or there was none yet."""
        return self._failures == 0

    @contextmanager
    def watch(self, counted: type[Exception], caller: str | None = None) -> Iterator[None]:
        """Make a call within; an exception of the `counted` kind is a failure of the part.

        Any other one is none: the part has answered. Failures in a row of one `caller` count once,
        so that no caller opens it for the others. Raises OpenError instead where it is open.
        """
        self._admit()
        try:
            yield
        except counted:
            self._failed(caller)
            raise
        except OpenError:  # another breaker's, within: the part was not asked
            self._not_asked()
            raise
        except Exception:
            self._worked()
            raise
        except BaseException:
            self._failed(caller)  # the call was broken off: nobody knows
            raise
        self._worked()

    def _admit(self) -> None:
        with self._lock:
            if self._state == "closed":
                return
            rest = self._opened + PAUSE - time.monotonic()
            if self._state == "half-open" or rest > 0:
                raise OpenError(max(rest, 1.0))
            self._become("half-open")

    def _not_asked(self) -> None:
        with self._lock:
            if self._state == "half-open":
                self._become("open")

    def _failed(self, caller: str | None) -> None:
        with self._lock:
            if caller is None or caller != self._failed_by:
                self._failures += 1
            self._failed_by = caller
            if self._state == "half-open" or self._failures >= FAILURES:
                self._opened = time.monotonic()
                self._become("open")

    def _worked(self) -> None:
        with self._lock:
            self._failures, self._failed_by = 0, None
            self._become("closed")

    def _become(self, state: str) -> None:
        if state != self._state:
            self._state = state
            _log.warning("breaker", **self._of, state=state)
