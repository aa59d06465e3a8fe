"""Rate-limit counter in Redis, shared by all worker processes."""

import threading
import time
from collections.abc import Sequence
from typing import Any, cast

import structlog
from limits.storage import RedisStorage, storage_from_string

from .counting import Hit, MemoryCounter, Window

REDIS_TIMEOUT = 0.2  # seconds; the longest that a frozen Redis can delay a request
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 32.0  # seconds until a lost Redis is retried
# ARGV: the length of each key's window in seconds, then the hits to add to each key. Returns each
# key's hits and the seconds left in its window.
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
    """Counts in Redis, or in memory while Redis is lost; retries Redis at growing intervals."""

    is_shared = True

    def __init__(self, uri: str) -> None:
        # Without an explicit retry policy, a connection made from a URL does not retry.
        timeouts = {"socket_connect_timeout": REDIS_TIMEOUT, "socket_timeout": REDIS_TIMEOUT}
        self._storage = cast(RedisStorage, storage_from_string(uri, **timeouts))
        self._script = self._storage.get_connection().register_script(COUNT_IN_REDIS.encode())
        self._memory = MemoryCounter()
        self._lock = threading.Lock()
        self._pause = 0.0  # seconds; 0 while Redis is available
        self._try_at = 0.0

    @property
    def client(self) -> Any:
        """The Redis client, with the options of its connections."""
        return self._storage.get_connection()

    def count(self, hits: Sequence[Hit]) -> list[Window]:
        """Add the hits in one step, and return the window of each."""
        pause = self._pause
        if not self._may_try():
            return self._memory.count(hits)
        try:
            windows = self._count(hits)
        except Exception as error:  # a request must not fail, whatever the driver raises
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
        """Return the window of a key without adding a hit."""
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
        """Count a hit and read it: a Redis that responds may still deny that to its user."""
        return bool(self._count([Hit("health", 60)]) and self._peek("health"))

    def clear(self, key: str) -> None:
        """Delete the window of a key."""
        self._memory.clear(key)
        self._storage.clear(key)

    def reset(self) -> None:
        """Delete all windows."""
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
            self._try_at = now + self._pause  # other threads do not retry meanwhile
            return True

    def _lose(self, error: Exception, pause: float) -> None:
        """Lengthen the pause, once, however many threads fail at the same time."""
        with self._lock:
            if self._pause != pause:
                return
            self._pause = min(2 * pause or FIRST_PAUSE, LONGEST_PAUSE)
            self._try_at = time.monotonic() + self._pause
        if not pause:
            event = "Redis unavailable; each process counts rate limits separately"
            _log.warning(event, error=type(error).__name__)

    def _find(self) -> None:
        with self._lock:
            was_lost, self._pause = bool(self._pause), 0.0
        if was_lost:
            _log.info("Redis available again; rate limits are shared")
