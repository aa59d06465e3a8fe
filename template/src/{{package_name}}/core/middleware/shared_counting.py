"""Shared counting: in Redis, where all worker processes count together."""

import threading
import time
from collections.abc import Sequence
from typing import Any, cast

import structlog
from limits.storage import RedisStorage, storage_from_string

from .counting import Hit, MemoryCounter, Window

REDIS_TIMEOUT = 0.2  # seconds; a frozen Redis delays a request by no more
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 32.0  # seconds until a lost Redis is tried again
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

_log = structlog.get_logger(__name__)


class SharedCounter:
    """Counts in Redis; while that is lost, in this process, and tries Redis ever more rarely."""

    is_shared = True

    def __init__(self, uri: str) -> None:
        # Given no retry policy, a connection made from a URL does not retry.
        timeouts = {"socket_connect_timeout": REDIS_TIMEOUT, "socket_timeout": REDIS_TIMEOUT}
        self._storage = cast(RedisStorage, storage_from_string(uri, **timeouts))
        self._script = self._storage.get_connection().register_script(COUNT_IN_REDIS.encode())
        self._memory = MemoryCounter()
        self._lock = threading.Lock()
        self._pause = 0.0  # seconds; 0 while Redis is there
        self._try_at = 0.0

    @property
    def client(self) -> Any:
        """The Redis client, with the options of its connections."""
        return self._storage.get_connection()

    def count(self, hits: Sequence[Hit]) -> list[Window]:
        """Add the hits in one step."""
        pause = self._pause
        if not self._may_try():
            return self._memory.count(hits)
        try:
            windows = self._count(hits)
        except Exception as error:  # whatever the driver raises, no request fails for it
            self._lose(error, pause)
            return self._memory.count(hits)
        self._find()
        return windows

    def _count(self, hits: Sequence[Hit]) -> list[Window]:
        keys = [self._storage.prefixed_key(hit.key) for hit in hits]
        arguments = [*(hit.seconds for hit in hits), *(hit.amount for hit in hits)]
        now = time.time()
        return [Window(total, now + left) for total, left in self._script(keys, arguments)]

    def peek(self, key: str) -> Window:
        """The window of a key, without a hit."""
        pause = self._pause
        if pause:
            return self._memory.peek(key)
        try:
            return self._peek(key)
        except Exception as error:
            self._lose(error, pause)
            return self._memory.peek(key)

    def _peek(self, key: str) -> Window:
        return Window(self._storage.get(key), self._storage.get_expiry(key))

    def probe(self) -> bool:
        """Count once, and read it; a Redis that answers may refuse that to its user."""
        return bool(self._count([Hit("health", 60)]) and self._peek("health"))

    def clear(self, key: str) -> None:
        """Forget the window of a key."""
        self._memory.clear(key)
        self._storage.clear(key)

    def reset(self) -> None:
        """Forget every window."""
        self._memory.reset()
        self._storage.reset()

    def close(self) -> None:
        """Close the connections."""
        self.client.connection_pool.disconnect()

    def _may_try(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if self._pause and now < self._try_at:
                return False
            self._try_at = now + self._pause  # other threads do not try meanwhile
            return True

    def _lose(self, error: Exception, pause: float) -> None:
        """Wait longer than before, however many threads fail at once."""
        with self._lock:
            if self._pause != pause:
                return
            self._pause = min(2 * pause or FIRST_PAUSE, LONGEST_PAUSE)
            self._try_at = time.monotonic() + self._pause
        if not pause:
            _log.warning("rate limits are counted by each process", error=type(error).__name__)

    def _find(self) -> None:
        with self._lock:
            was_lost, self._pause = bool(self._pause), 0.0
        if was_lost:
            _log.info("rate limits are counted in Redis again")
