"""Requests that are rejected before rate limiting count with their client's next one in this worker."""

import threading
import time

KEPT_SECONDS = 60.0
MAX_CLIENTS = 10_000


class Uncounted:
    """How many of these there were lately, by client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, tuple[int, float]] = {}

    def add(self, client: str, count: int = 1) -> None:
        """Note requests of a client, as `proxies.client_network` names it."""
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
        """How many to count now; the older ones are forgotten."""
        if client not in self._clients:
            return 0
        with self._lock:
            count, since = self._clients.pop(client, (0, 0.0))
        return count if time.monotonic() - since < KEPT_SECONDS else 0
