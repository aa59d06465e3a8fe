"""Requests rejected before rate limiting; they count with the client's next request.

Each worker process keeps its own.
"""

import threading
import time

KEPT_SECONDS = 60.0
MAX_CLIENTS = 10_000


class Uncounted:
    """Recent requests that have not been counted yet, by client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, tuple[int, float]] = {}

    def add(self, client: str, count: int = 1) -> None:
        """Record requests of a client, as `proxies.client_network` names it."""
        if not count:
            return
        now = time.monotonic()
        with self._lock:
            if client not in self._clients and len(self._clients) >= MAX_CLIENTS:
                self._clients.clear()
            before, since = self._clients.get(client, (0, now))
            if now - since >= KEPT_SECONDS:
                before, since = 0, now
            self._clients[client] = (before + count, since)

    def take(self, client: str) -> int:
        """Return how many requests to count now, and forget them; old ones do not count."""
        if client not in self._clients:
            return 0
        with self._lock:
            count, since = self._clients.pop(client, (0, 0.0))
        return count if time.monotonic() - since < KEPT_SECONDS else 0
