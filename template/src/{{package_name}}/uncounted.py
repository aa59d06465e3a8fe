"""Requests that are refused before limits count them; their client's next request counts for them."""

import threading
import time

KEPT_SECONDS = 60.0
MAX_CLIENTS = 10_000
UNCOUNTED = "service.uncounted"  # in the application's extensions, while there are limits


class Uncounted:
    """How many of these there were lately, by client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, tuple[int, float]] = {}

    def add(self, client: str) -> None:
        """Note one request of a client, as `proxies.client_network` names it."""
        with self._lock:
            if client not in self._clients and len(self._clients) >= MAX_CLIENTS:
                self._clients.clear()
            count, since = self._clients.get(client, (0, time.monotonic()))
            self._clients[client] = (count + 1, since)

    def take(self, client: str) -> int:
        """How many to count now; the older ones are forgotten."""
        if client not in self._clients:
            return 0
        with self._lock:
            count, since = self._clients.pop(client, (0, 0.0))
        return count if time.monotonic() - since < KEPT_SECONDS else 0
