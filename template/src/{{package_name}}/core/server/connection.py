"""Connections of the production server, none of which a thread ever waits for.

The server's loop reads what arrives and sends what a client does not take at once. A thread has a
connection only while it handles a request whose bytes are all here.
"""

import select
import socket
import time
from contextlib import suppress
from enum import IntEnum, auto
from typing import Any

from .framing import Arrival, Longest

READ_BYTES = 65_536
HELD_BYTES = 1_048_576  # of an answer that wait for its client; a thread waits with the rest
HEAD_SECONDS = 5.0  # for a header
BODY_SECONDS = 10.0  # for a body, or for the client to take an answer; and for each byte
SECONDS_A_BYTE = 1 / 16_384
LINGER_SECONDS = 2.0  # for the client to read the last answer (RFC 9112, 9.6)
LINGER_BYTES = 1_048_576
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Stage(IntEnum):
    """What a connection waits for; where there are too many, the first of these go first."""

    CLOSING = auto()  # the client has its last answer, and closes
    IDLE = auto()  # the first byte of the next request
    RECEIVING = auto()  # the rest of a request
    SENDING = auto()  # the client takes an answer


class Wire:
    """The client's socket as a thread sees it: reading does not wait, and closing is not its part."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self.held = bytearray()

    def fileno(self) -> int:
        """The socket itself, for who shuts it at a deadline."""
        return self._client.fileno()

    def recv(self, _: int) -> bytes:
        """Nothing: the parser has all that has arrived."""
        return b""

    def send(self, data: bytes) -> int:
        """Send all of it, as `sendall` does."""
        self.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send what the client takes now; the loop sends the rest.

        Raises:
            TimeoutError: more than HELD_BYTES is left of it, and the client does not take it.
        """
        self.held += data
        self.flush()
        end = time.monotonic() + BODY_SECONDS + len(data) * SECONDS_A_BYTE
        while len(self.held) > HELD_BYTES:
            self._wait(end - time.monotonic())
            self.flush()

    def flush(self) -> bool:
        """Send what the client takes now; whether that is all."""
        try:
            while self.held:
                del self.held[: self._client.send(self.held)]
        except BlockingIOError:
            return False
        return True

    def shutdown(self, _: int) -> None:
        """Nothing: the loop ends the connection, whatever gunicorn does where a handler failed."""

    def close(self) -> None:
        """Nothing: the loop closes the socket."""

    def settimeout(self, _: float) -> None:
        """Nothing: deadlines are the connection's."""

    def _wait(self, seconds: float) -> None:
        poller = select.poll()
        poller.register(self._client, select.POLLOUT)
        if seconds <= 0 or not poller.poll(seconds * 1000):
            raise TimeoutError("the client does not read its answer")


class Connection:
    """A client's connection; `sock`, `client`, `server` and `parser` are gunicorn's names."""

    def __init__(self, sock: socket.socket, client: Any, server: Any, longest: Longest) -> None:
        sock.setblocking(False)
        self.socket, self.client, self.server = sock, client, server
        self.sock = Wire(sock)
        self.parser: Any = None
        self.stage = Stage.RECEIVING  # what a new connection does not send soon is not waited for
        self.since = time.monotonic()
        self.deadline = self.since + HEAD_SECONDS
        self._longest = longest
        self._arrival = Arrival(longest)
        self.is_ready = False  # whether a thread can go on
        self.is_pipelined = False  # whether the request came before the last answer was sent
        self.is_last = False  # whether the connection ends with the request that a thread has
        self._lingered = 0

    @property
    def is_cut(self) -> bool:
        """Whether a part of a request is here, and the rest is not."""
        return self.stage is Stage.RECEIVING and bool(self._arrival.data)

    @property
    def has_long_head(self) -> bool:
        """Whether its header is longer than one may be."""
        return self._arrival.has_long_head

    @property
    def held_bytes(self) -> int:
        """What it takes of the worker's memory."""
        return len(self._arrival.data) + len(self.sock.held)

    def enter(self, stage: Stage, seconds: float) -> None:
        """Wait for something, no longer than `seconds`."""
        self.stage, self.since = stage, time.monotonic()
        self.deadline = self.since + seconds

    def receive(self) -> bool:
        """Read what has arrived; False where the client has closed, and there is none."""
        try:
            data = self.socket.recv(READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if self.stage is Stage.CLOSING:
            self._lingered += len(data)
            return bool(data) and self._lingered <= LINGER_BYTES
        if data and self.stage is Stage.IDLE:
            self.enter(Stage.RECEIVING, HEAD_SECONDS)
        if not data and self.is_cut:  # what there is may still be answered
            self._arrival.end()
            self.is_ready = True
            return True
        self._add(data)
        return bool(data)

    def _add(self, data: bytes) -> None:
        """Take bytes of a request; a body has its time from the end of the header on."""
        arrival, had_head = self._arrival, self._arrival.has_head
        arrival.data += data
        self.is_ready = arrival.is_whole()
        if self.is_ready or not arrival.has_head:
            return
        if not had_head:
            self.enter(Stage.RECEIVING, BODY_SECONDS)
            if arrival.expects_continue:
                with suppress(OSError):  # of a client that is gone, which reading will tell
                    self.sock.sendall(CONTINUE)
        self.deadline += len(data) * SECONDS_A_BYTE

    def take(self) -> bytes:
        """What has arrived, for a thread to parse."""
        self.is_last, data = self._arrival.is_cut, self._arrival.taken()
        self._arrival, self.is_ready = Arrival(self._longest), False
        return data

    def go_on(self, rest: bytes, idle_seconds: float) -> None:
        """Wait for the next request, whose first bytes may be here (a pipeline)."""
        self.enter(Stage.IDLE, idle_seconds)
        self.is_pipelined = bool(rest)
        if rest:
            self.enter(Stage.RECEIVING, HEAD_SECONDS)
            self._add(rest)

    def begin_to_send(self) -> None:
        """Give the client its time for what is left of an answer."""
        self.enter(Stage.SENDING, BODY_SECONDS + len(self.sock.held) * SECONDS_A_BYTE)

    def say_goodbye(self) -> None:
        """Close for writing, so that the client reads all of the answer before the end."""
        self.enter(Stage.CLOSING, LINGER_SECONDS)
        self._arrival = Arrival(self._longest)
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close, and hold nothing any more: a worker that leaves waits for what is held."""
        self._arrival = Arrival(self._longest)
        self.sock.held.clear()
        self.socket.close()
