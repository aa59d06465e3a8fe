"""Callers: limits each owner's use of the upstream, so that other owners can also use it."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from limits import RateLimitItemPerDay

from ...settings import Settings
from ..errors import ProblemError
from ..middleware.counting import Hit
from ..service import Service
from .circuit_breaker import Breaker

REMEMBERED = 1000  # owners whose breakers are kept
BUDGET = "tokens"
USED_UP = "You have used your tokens for the day; retry after the number of seconds in Retry-After."


class NoPlaceError(Exception):
    """The maximum number of calls is already in flight."""


class Callers:
    """A process's calls, by owner. Shared by all threads. Without owners, there are no shares."""

    def __init__(self, settings: Settings) -> None:
        # If all threads waited for the upstream, no other request would get a response.
        places = max(1, settings.web_threads - 1)
        self._places = threading.Semaphore(places)
        self._share = max(1, places // 2)
        self._under_way = Counter[str]()
        self._breakers = OrderedDict[str, Breaker]()
        self._lock = threading.Lock()

    @contextmanager
    def place(self, owner: str | None) -> Iterator[None]:
        """Take one of the places for calls in flight; one owner gets at most half of them.

        Raises:
            NoPlaceError: no place is free.
        """
        with self._within_share(owner) if owner else nullcontext():
            if not self._places.acquire(blocking=False):
                raise NoPlaceError
            try:
                yield
            finally:
                self._places.release()

    @contextmanager
    def _within_share(self, owner: str) -> Iterator[None]:
        with self._lock:
            if self._under_way[owner] >= self._share:
                raise NoPlaceError
            self._under_way[owner] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[owner] -= 1
                if not self._under_way[owner]:
                    del self._under_way[owner]

    def breaker(self, owner: str) -> Breaker:
        """Return the owner's own breaker, which opens after failures of that owner's calls."""
        with self._lock:
            found = self._breakers.setdefault(owner, Breaker("upstream", owner))
            self._breakers.move_to_end(owner)
            if len(self._breakers) > REMEMBERED:
                self._breakers.popitem(last=False)
        return found


class Budget:
    """The tokens that each owner may use per day, counted in the storage of the rate limits."""

    def __init__(self, service: Service, tokens: int) -> None:
        self._counter = service.counter
        self._day = RateLimitItemPerDay(tokens) if tokens and service.limits_requests else None

    def check(self, owner: str) -> None:
        """Raise a ProblemError (429) if the owner has no tokens left."""
        if self._day is None:
            return
        window = self._counter.peek(self._day.key_for(BUDGET, owner))
        if window.hits >= self._day.amount:
            wait = max(1, round(window.ends - time.time()))
            raise ProblemError(429, USED_UP, headers={"Retry-After": str(wait)})

    def spend(self, owner: str, tokens: int) -> None:
        """Count the tokens that a call used."""
        if self._day is not None:
            key, seconds = self._day.key_for(BUDGET, owner), self._day.get_expiry()
            self._counter.count([Hit(key, seconds, tokens)])
