"""Connections of the production server, so that threads never wait for a request to arrive.

The server's event loop reads requests, and sends what clients do not accept immediately. A thread
has a connection only while it handles a request that has arrived completely.
"""

import select
import socket
import time
from contextlib import suppress
from enum import IntEnum, auto
from typing import Any

from .framing import Arrival, Longest

READ_BYTES = 65_536
HELD_BYTES = 1_048_576  # of a response for the loop to send; above this, its thread waits
HEAD_SECONDS = 5.0  # to receive a header
BODY_SECONDS = 10.0  # to receive a body or send a response, plus SECONDS_A_BYTE for each byte
SECONDS_A_BYTE = 1 / 16_384
LINGER_SECONDS = 2.0  # for the client to read the last response (RFC 9112, 9.6)
LINGER_BYTES = 1_048_576
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Stage(IntEnum):
    """What a connection waits for; when there are too many, the lowest stages are closed first."""

    CLOSING = auto()  # for the client to close, after the last response
    IDLE = auto()  # for the first byte of the next request
    RECEIVING = auto()  # for the rest of a request
    SENDING = auto()  # for the client to read a response


class Wire:
    """The client's socket as threads use it: reads do not block, and only the loop closes it."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self.held = bytearray()

    def fileno(self) -> int:
        """Return the socket's descriptor, by which deadlines.py shuts it down."""
        return self._client.fileno()

    def recv(self, _: int) -> bytes:
        """Return nothing: the parser already has everything that has arrived."""
        return b""

    def send(self, data: bytes) -> int:
        """Send all of the data, as `sendall` does."""
        self.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send what the client accepts now, and leave the rest to the loop.

        Raises:
            TimeoutError: more than HELD_BYTES are left, and the client does not read them.
        """
        self.held += data
        self.flush()
        end = time.monotonic() + BODY_SECONDS + len(data) * SECONDS_A_BYTE
        while len(self.held) > HELD_BYTES:
            self._wait(end - time.monotonic())
            self.flush()

    def flush(self) -> bool:
        """Send what the client accepts now; return whether everything was sent."""
        try:
            while self.held:
                del self.held[: self._client.send(self.held)]
        except BlockingIOError:
            return False
        return True

    def shutdown(self, _: int) -> None:
        """Do nothing: the loop closes the connection, whatever gunicorn does after a failure."""

    def close(self) -> None:
        """Do nothing: the loop closes the socket."""

    def settimeout(self, _: float) -> None:
        """Do nothing: `Connection` has the deadlines."""

    def _wait(self, seconds: float) -> None:
        poller = select.poll()
        poller.register(self._client, select.POLLOUT)
        if seconds <= 0 or not poller.poll(seconds * 1000):
            raise TimeoutError("the client does not read the response")


class Connection:
    """A client's connection; gunicorn uses the names `sock`, `client`, `server` and `parser`."""

    def __init__(self, sock: socket.socket, client: Any, server: Any, longest: Longest) -> None:
        sock.setblocking(False)
        self.socket, self.client, self.server = sock, client, server
        self.sock = Wire(sock)
        self.parser: Any = None
        self.stage = Stage.RECEIVING  # not IDLE: a new connection has to send its header soon
        self.since = time.monotonic()
        self.deadline = self.since + HEAD_SECONDS
        self._longest = longest
        self._arrival = Arrival(longest)
        self.is_ready = False  # whether a thread can handle the request
        self.is_pipelined = False  # whether the request arrived before the last response was sent
        self.is_last = False  # whether to close the connection after the current request
        self._lingered = 0

    @property
    def is_cut(self) -> bool:
        """Whether only a part of a request has arrived."""
        return self.stage is Stage.RECEIVING and bool(self._arrival.data)

    @property
    def has_long_head(self) -> bool:
        """Whether the header exceeds the size limit."""
        return self._arrival.has_long_head

    @property
    def held_bytes(self) -> int:
        """The bytes of the worker's memory that it takes."""
        return len(self._arrival.data) + len(self.sock.held)

    def enter(self, stage: Stage, seconds: float) -> None:
        """Begin a stage that may last for `seconds`."""
        self.stage, self.since = stage, time.monotonic()
        self.deadline = self.since + seconds

    def receive(self) -> bool:
        """Read what has arrived; return False if the connection has to be closed."""
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
        if not data and self.is_cut:  # the partial request may still get a response
            self._arrival.end()
            self.is_ready = True
            return True
        self._add(data)
        return bool(data)

    def _add(self, data: bytes) -> None:
        """Add bytes of a request; the deadline of a body starts at the end of the header."""
        arrival, had_head = self._arrival, self._arrival.has_head
        arrival.data += data
        self.is_ready = arrival.is_whole()
        if self.is_ready or not arrival.has_head:
            return
        if not had_head:
            self.enter(Stage.RECEIVING, BODY_SECONDS)
            if arrival.expects_continue:
                with suppress(OSError):  # the client is gone, as the next read will show
                    self.sock.sendall(CONTINUE)
        self.deadline += len(data) * SECONDS_A_BYTE

    def take(self) -> bytes:
        """Return what has arrived, for a thread to parse."""
        self.is_last, data = self._arrival.is_cut, self._arrival.taken()
        self._arrival, self.is_ready = Arrival(self._longest), False
        return data

    def go_on(self, rest: bytes, idle_seconds: float) -> None:
        """Wait for the next request; `rest` has its first bytes if the client pipelines."""
        self.enter(Stage.IDLE, idle_seconds)
        self.is_pipelined = bool(rest)
        if rest:
            self.enter(Stage.RECEIVING, HEAD_SECONDS)
            self._add(rest)

    def begin_to_send(self) -> None:
        """Start the deadline for sending the rest of a response."""
        self.enter(Stage.SENDING, BODY_SECONDS + len(self.sock.held) * SECONDS_A_BYTE)

    def say_goodbye(self) -> None:
        """Shut down writing, so that the client can read all of the response first."""
        self.enter(Stage.CLOSING, LINGER_SECONDS)
        self._arrival = Arrival(self._longest)
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close, and clear the buffers: a stopping worker waits for connections that hold bytes."""
        self._arrival = Arrival(self._longest)
        self.sock.held.clear()
        self.socket.close()
