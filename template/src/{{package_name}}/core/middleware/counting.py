"""Rate-limit counters: fixed windows, with all limits of a request counted in one step."""

import heapq
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple, Protocol

SWEPT_BEYOND = 10_000  # windows; above this, expired ones are deleted
MAX_WINDOWS = 200_000  # about 80 MB; above this, those that expire first are deleted


class Hit(NamedTuple):
    """An amount to add to a key's window."""

    key: str
    seconds: int
    amount: int = 1


class Window(NamedTuple):
    """The hits of a key, and when the window expires, in seconds since the epoch."""

    hits: int
    ends: float


class Counter(Protocol):
    """Counts hits in fixed windows."""

    is_shared: bool
    """Whether all worker processes share the counts."""

    def count(self, hits: Sequence[Hit]) -> list[Window]:
        """Add the hits in one step, and return the window of each."""

    def peek(self, key: str) -> Window:
        """Return the window of a key without adding a hit; an expired window has no hits."""

    def probe(self) -> bool:
        """Count one hit in the configured storage; exceptions of its driver propagate."""

    def clear(self, key: str) -> None:
        """Delete the window of a key."""

    def reset(self) -> None:
        """Delete all windows."""

    def close(self) -> None:
        """Close the connections."""


class MemoryCounter:
    """Counts in this process. `limits`' own storage would start up to 100 threads a second."""

    is_shared = False

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()
        self._sweep_at = SWEPT_BEYOND

    def __len__(self) -> int:
        return len(self._windows)

    def count(self, hits: Sequence[Hit]) -> list[Window]:
        """Add the hits in one step, and return the window of each."""
        now = time.time()
        with self._lock:
            found = [self._add(hit, now) for hit in hits]
            if len(self._windows) > self._sweep_at:
                self._sweep(now)
        return found

    def _add(self, hit: Hit, now: float) -> Window:
        before = self._windows.get(hit.key)
        if before is None or before.ends <= now:
            before = Window(0, now + hit.seconds)
        window = self._windows[hit.key] = Window(before.hits + hit.amount, before.ends)
        return window

    def _sweep(self, now: float) -> None:
        """Delete expired windows and, above MAX_WINDOWS, those that expire first."""
        left = [(key, window) for key, window in self._windows.items() if window.ends > now]
        if len(left) > MAX_WINDOWS:
            kept = MAX_WINDOWS - MAX_WINDOWS // 10
            left = heapq.nlargest(kept, left, key=lambda each: each[1].ends)
        self._windows = dict(left)
        self._sweep_at = min(SWEPT_BEYOND + 2 * len(left), MAX_WINDOWS)

    def peek(self, key: str) -> Window:
        """Return the window of a key without adding a hit."""
        now = time.time()
        with self._lock:
            window = self._windows.get(key)
        return window if window and window.ends > now else Window(0, now)

    def probe(self) -> bool:
        """Return True: counting in memory cannot fail."""
        return True

    def clear(self, key: str) -> None:
        """Delete the window of a key."""
        with self._lock:
            self._windows.pop(key, None)

    def reset(self) -> None:
        """Delete all windows."""
        with self._lock:
            self._windows.clear()

    def close(self) -> None:
        """Do nothing: there are no connections."""
