"""Counting: all limits of a request in one step, in Redis or in this process."""

import heapq
import threading
import time
from collections.abc import Callable
from typing import Any

SWEPT_BEYOND = 10_000  # windows, and what has ended since is forgotten
MAX_WINDOWS = 200_000  # some 80 MB; beyond, those that end first are forgotten
# Adds the last of ARGV under each key, in windows of ARGV seconds: the counts, and what is left of
# the windows.
COUNT_IN_REDIS = """
local found, amount = {}, tonumber(ARGV[#ARGV])
for number, key in ipairs(KEYS) do
  local hits = redis.call("INCRBY", key, amount)
  if hits == amount then redis.call("EXPIRE", key, ARGV[number]) end
  found[2 * number - 1], found[2 * number] = hits, redis.call("TTL", key)
end
return found"""

Count = Callable[[list[str], list[int], int], list[float]]
"""Counts so many under each key, in windows of so many seconds: all hits, and the seconds left."""


def in_redis(storage: Any) -> Count:
    """Count where all processes do."""
    script = storage.get_connection().register_script(COUNT_IN_REDIS)
    return lambda keys, seconds, amount: script(
        [*map(storage.prefixed_key, keys)], [*seconds, amount]
    )


def in_memory(storage: Any) -> Count:
    """As in Redis; the storage's own way starts a thread for it, up to a hundred times a second."""
    hits, ends, lock = storage.storage, storage.expirations, threading.Lock()
    sweep_at = SWEPT_BEYOND

    def forget(keys: list[str]) -> None:
        # The storage's own thread may forget them at the same time.
        for key in keys:
            ends.pop(key, None)
            hits.pop(key, None)

    def count(keys: list[str], seconds: list[int], amount: int) -> list[float]:
        nonlocal sweep_at
        now, found = time.time(), list[float]()
        with lock:
            for key, lasts in zip(keys, seconds, strict=True):
                if ends.get(key, 0) <= now:
                    hits[key], ends[key] = 0, now + lasts
                hits[key] += amount
                found += hits[key], ends[key] - now
            if len(ends) > sweep_at:
                windows = list(ends.items())
                forget([key for key, end in windows if end <= now])
                if len(ends) > MAX_WINDOWS:
                    first = heapq.nsmallest(MAX_WINDOWS // 10, windows, key=lambda each: each[1])
                    forget([key for key, _ in first])
                sweep_at = min(SWEPT_BEYOND + 2 * len(ends), MAX_WINDOWS)
        return found

    return count
