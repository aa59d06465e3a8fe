"""Draining: after SIGTERM the service says that it is not ready, serves on, and only then stops."""

import mmap
import signal
from types import FrameType

FINISH_SECONDS = 20  # that requests in flight have after the drain

_flag = mmap.mmap(-1, 1)  # one byte that the server shares with the workers it forks


def is_draining() -> bool:
    """Whether this service has been told to stop."""
    return _flag[0] == 1


def drain_before_stopping(seconds: float) -> None:
    """Put the drain before what SIGTERM does now; a second SIGTERM does not wait for its end."""
    stop = signal.getsignal(signal.SIGTERM)
    if not seconds or not callable(stop):
        return

    def drain(_: int, frame: FrameType | None) -> None:
        _flag[0] = 1
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGALRM, lambda *_: stop(signal.SIGTERM, frame))
        signal.setitimer(signal.ITIMER_REAL, seconds)

    signal.signal(signal.SIGTERM, drain)
