"""Counting: all limits of a request in one step, in Redis or in this process."""

import heapq
import threading
import time
from collections.abc import Callable
from typing import Any

SWEPT_BEYOND = 10_000  # windows, and what has ended since is forgotten
MAX_WINDOWS = 200_000  # some 80 MB; beyond, those that end first are forgotten
# ARGV: for each key the seconds of its window, then for each key the hits to add. Returns for each
# key all hits, and the seconds that are left.
COUNT_IN_REDIS = """
local found = {}
for number, key in ipairs(KEYS) do
  local more = tonumber(ARGV[#KEYS + number])
  local hits = redis.call("INCRBY", key, more)
  if hits == more then redis.call("EXPIRE", key, ARGV[number]) end
  found[number] = {hits, redis.call("TTL", key)}
end
return found"""

Count = Callable[[list[str], list[int], list[int]], list[tuple[int, float]]]
"""Takes keys, the seconds of their windows, and the hits to add; returns for each key all hits of its
window, and the seconds that are left."""


def in_redis(storage: Any) -> Count:
    """Count where all processes do."""
    script = storage.get_connection().register_script(COUNT_IN_REDIS)
    return lambda keys, seconds, more: script([*map(storage.prefixed_key, keys)], [*seconds, *more])


def in_memory(storage: Any) -> Count:
    """As in Redis; the storage's own way starts a thread for it, up to a hundred times a second."""
    hits, ends, lock = storage.storage, storage.expirations, threading.Lock()
    sweep_at = SWEPT_BEYOND

    def forget(keys: list[str]) -> None:
        # The storage's own thread may forget them at the same time.
        for key in keys:
            ends.pop(key, None)
            hits.pop(key, None)

    def count(keys: list[str], seconds: list[int], more: list[int]) -> list[tuple[int, float]]:
        nonlocal sweep_at
        now, found = time.time(), list[tuple[int, float]]()
        with lock:
            for key, lasts, added in zip(keys, seconds, more, strict=True):
                if ends.get(key, 0) <= now:
                    hits[key], ends[key] = 0, now + lasts
                hits[key] += added
                found.append((hits[key], ends[key] - now))
            if len(ends) > sweep_at:
                windows = list(ends.items())
                forget([key for key, end in windows if end <= now])
                if len(ends) > MAX_WINDOWS:
                    first = heapq.nsmallest(MAX_WINDOWS // 10, windows, key=lambda each: each[1])
                    forget([key for key, _ in first])
                sweep_at = min(SWEPT_BEYOND + 2 * len(ends), MAX_WINDOWS)
        return found

    return count
