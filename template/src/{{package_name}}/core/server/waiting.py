"""Connections that the event loop waits for, with bounds on their number and memory."""

import selectors
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from .connection import READ_BYTES, Connection

BUFFERED_BYTES = 64 * 1_048_576  # of requests and responses, for all connections of a worker


class Waiting:
    """A set of connections, each with the socket event that it waits for."""

    def __init__(
        self, poller: selectors.BaseSelector, on_event: Callable[[Connection], None]
    ) -> None:
        self._poller = poller
        self._on_event = on_event
        self._events: dict[Connection, int] = {}

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._events))

    def add(self, connection: Connection, event: int) -> None:
        """Wait for this event of the connection, and for no other."""
        if self._events.get(connection) == event:
            return
        self.discard(connection)
        self._events[connection] = event
        self._poller.register(connection.socket, event, partial(self._dispatch, connection))

    def discard(self, connection: Connection) -> None:
        """Stop waiting for the connection."""
        if self._events.pop(connection, None):
            self._poller.unregister(connection.socket)

    def late(self, now: float) -> list[Connection]:
        """Return the connections that are past their deadline."""
        return [each for each in self if each.deadline <= now]

    def first_to_go(self) -> Connection | None:
        """Return what to close if there are too many: the longest-waiting, lowest stage first."""
        return min(self, key=lambda each: (each.stage, each.since), default=None)

    def too_much(self) -> Connection | None:
        """Return what to close if they hold too much: of the large ones, the longest-waiting."""
        large = [each for each in self if each.held_bytes > READ_BYTES]
        if sum(each.held_bytes for each in large) <= BUFFERED_BYTES:
            return None
        return min(large, key=lambda each: each.since)

    def _dispatch(self, connection: Connection, _: object) -> None:
        if connection in self._events:  # else an earlier event of this turn has closed it
            self._on_event(connection)


class Pipelines:
    """Pipelined requests, sent before the response to the previous one: a few at a time.

    Other clients would otherwise wait for a thread behind thousands of them.
    """

    def __init__(self, at_once: int, hand_over: Callable[[Connection], None]) -> None:
        self._free = at_once
        self._hand_over = hand_over
        self._held = deque[Connection]()

    def begin(self, connection: Connection) -> None:
        """Hand the connection's request to a thread, now or when its turn comes."""
        if connection.is_pipelined and not self._free:
            self._held.append(connection)
            return
        self._free -= connection.is_pipelined
        self._hand_over(connection)

    def end(self, connection: Connection) -> None:
        """Record that the connection's request is done; the next in line may begin."""
        self._free += connection.is_pipelined
        if self._held and self._free:
            self.begin(self._held.popleft())
