"""Counting: hits in fixed windows, those of all limits of a request in one step."""

import heapq
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple, Protocol

SWEPT_BEYOND = 10_000  # windows; then those that have ended are forgotten
MAX_WINDOWS = 200_000  # some 80 MB; beyond, those that end first are forgotten


class Hit(NamedTuple):
    """What to add to the window of a key."""

    key: str
    seconds: int
    amount: int = 1


class Window(NamedTuple):
    """The hits of a key, and when they are forgotten, in seconds since the epoch."""

    hits: int
    ends: float


class Counter(Protocol):
    """Counts hits in fixed windows."""

    is_shared: bool
    """Whether all worker processes count together."""

    def count(self, hits: Sequence[Hit]) -> list[Window]:
        """Add the hits in one step."""

    def peek(self, key: str) -> Window:
        """The window of a key, without a hit; one that has ended has none."""

    def probe(self) -> bool:
        """Count once where all processes count; raises what the driver raises if that fails."""

    def clear(self, key: str) -> None:
        """Forget the window of a key."""

    def reset(self) -> None:
        """Forget every window."""

    def close(self) -> None:
        """Close the connections."""


class MemoryCounter:
    """Counts in this process. `limits`' own storage starts a thread for it, up to 100 a second."""

    is_shared = False

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()
        self._sweep_at = SWEPT_BEYOND

    def __len__(self) -> int:
        return len(self._windows)

    def count(self, hits: Sequence[Hit]) -> list[Window]:
        """Add the hits in one step."""
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
        """Forget what has ended and, of too many, those that end first."""
        left = [(key, window) for key, window in self._windows.items() if window.ends > now]
        if len(left) > MAX_WINDOWS:
            kept = MAX_WINDOWS - MAX_WINDOWS // 10
            left = heapq.nlargest(kept, left, key=lambda each: each[1].ends)
        self._windows = dict(left)
        self._sweep_at = min(SWEPT_BEYOND + 2 * len(left), MAX_WINDOWS)

    def peek(self, key: str) -> Window:
        """The window of a key, without a hit."""
        now = time.time()
        with self._lock:
            window = self._windows.get(key)
        return window if window and window.ends > now else Window(0, now)

    def probe(self) -> bool:
        """There is nothing that could fail."""
        return True

    def clear(self, key: str) -> None:
        """Forget the window of a key."""
        with self._lock:
            self._windows.pop(key, None)

    def reset(self) -> None:
        """Forget every window."""
        with self._lock:
            self._windows.clear()

    def close(self) -> None:
        """There is no connection."""
