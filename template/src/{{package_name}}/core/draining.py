"""Draining: after SIGTERM, the service reports not ready, keeps serving, and only then stops."""

import mmap
import signal
from types import FrameType

FINISH_SECONDS = 20  # for requests in flight to finish after draining

_flag = mmap.mmap(-1, 1)  # one byte that the server shares with its forked workers


def is_draining() -> bool:
    """Whether the service has been told to stop."""
    return _flag[0] == 1


def drain_before_stopping(seconds: float) -> None:
    """Drain before the current SIGTERM handler runs; a second SIGTERM stops without waiting."""
    stop = signal.getsignal(signal.SIGTERM)
    if not seconds or not callable(stop):
        return

    def drain(_: int, frame: FrameType | None) -> None:
        _flag[0] = 1
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGALRM, lambda *_: stop(signal.SIGTERM, frame))
        signal.setitimer(signal.ITIMER_REAL, seconds)

    signal.signal(signal.SIGTERM, drain)
