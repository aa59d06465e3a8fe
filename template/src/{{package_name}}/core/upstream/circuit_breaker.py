"""Circuit breaker: after consecutive failures, calls to a part that is down fail immediately."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

FAILURES = 5  # consecutive, until it opens
PAUSE = 2.0  # seconds that it stays open before it allows a trial call

_log = structlog.get_logger(__name__)


class OpenError(Exception):
    """The breaker is open, so the call was not made. Retry after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Breaker:
    """Watches the calls of one process to one part. Shared by all threads.

    Closed, it lets every call through; open, none. After PAUSE it is half-open: it lets one trial
    call through, whose outcome closes or opens the breaker.
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
        """Whether the last call succeeded, or no call was made yet."""
        return self._failures == 0

    @contextmanager
    def watch(self, counted: type[Exception], caller: str | None = None) -> Iterator[None]:
        """Watch the call made in the block; a `counted` exception is a failure of the part.

        Any other exception is not: the part has responded. Consecutive failures of one `caller`
        count once, so that no caller opens the breaker for others. Raises OpenError if it is open.
        """
        self._admit()
        try:
            yield
        except counted:
            self._failed(caller)
            raise
        except OpenError:  # from a nested breaker: the part was not called
            self._not_asked()
            raise
        except Exception:
            self._worked()
            raise
        except BaseException:
            self._failed(caller)  # the call was interrupted: its outcome is unknown
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
