"""A gunicorn worker whose threads only get requests that have arrived completely.

gunicorn's own threaded worker gives a thread to each connection, and its loop waits for clients
that do not close, so a few sockets can stop it. All that depends on gunicorn's private API is here
(27.0; `tests/core/server/test_worker.py` fails with another; docs/decisions.md has the price).
"""

import selectors
import time
from concurrent.futures import Future
from socket import socket
from types import FrameType
from typing import Any

from gunicorn.http import RequestParser
from gunicorn.workers.gthread import ThreadWorker

from ...settings import load_settings
from .connection import READ_BYTES, Connection, Stage, Wire
from .error_responses import refuse, status_of
from .framing import Longest
from .waiting import Pipelines, Waiting

LEAVE_SECONDS = 10.0  # that a worker keeps serving before another replaces it
IDLE_SECONDS = 2.0  # for a request on an idle connection once the worker stops


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker whose event loop waits for all clients at once, so that no thread does."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._is_told, self._swept = False, 0.0
        self._longest = Longest.of(self.cfg, load_settings().max_content_length)
        self._pipelines = Pipelines(max(1, self.cfg.threads // 4), self._hand_over)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, because the whole service stops."""
        self._is_told = True
        super().handle_exit(sig, frame)

    def run(self) -> None:
        """Serve until told to stop, or for `max_requests`; then handle what has arrived."""
        done = self.method_queue
        self.poller.register(done.fileno(), selectors.EVENT_READ, done.run_callbacks)
        self._waiting = Waiting(self.poller, self._on_event)
        self.set_accept_enabled(True)
        while self.alive and self.is_parent_alive():
            self._turn(1.0)
        self._serve_on()
        self._stop()
        self.tpool.shutdown(wait=False)
        self.poller.close()
        self.method_queue.close()

    def _serve_on(self) -> None:
        """If only this worker ends, keep serving: new clients would wait for its successor."""
        end, begun = time.monotonic() + LEAVE_SECONDS, list(self._waiting)
        while not self._is_told and time.monotonic() < end and any(e.held_bytes for e in begun):
            self._turn(0.1)

    def _stop(self) -> None:
        """Accept what the kernel has queued, close the listeners right away, and finish."""
        self.set_accept_enabled(False)
        for listener in self.sockets:
            while self.accept(listener):
                pass
            listener.close()
        idle_end = time.monotonic() + IDLE_SECONDS
        end = time.monotonic() + self.cfg.graceful_timeout
        while self.nr_conns and time.monotonic() < end:
            for each in self._waiting:
                if not each.held_bytes or not self._is_told:
                    each.deadline = min(each.deadline, idle_end)
            self._turn(0.1)

    def _turn(self, seconds: float) -> None:
        """Wait up to `seconds` for events, handle them, and end connections past their deadline."""
        self.notify()
        self.wait_for_and_dispatch_events(seconds)
        now = time.monotonic()
        if now - self._swept >= seconds:
            self._swept = now
            for each in self._waiting.late(now):
                self._end(each)

    def accept(self, listener: socket) -> bool:
        """Accept a connection if there is one; if there are too many, close another."""
        try:
            client_socket, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        except OSError:  # the process is out of file descriptors
            self._make_room()
            return False
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        self.nr_conns += 1
        connection = Connection(client_socket, client, listener.getsockname(), self._longest)
        connection.parser = RequestParser(self.cfg, connection.sock, client)
        self._receive(connection)
        return True

    def _make_room(self) -> None:
        first = self._waiting.first_to_go()
        if first:
            self._close(first)

    def _on_event(self, connection: Connection) -> None:
        if connection.stage is Stage.SENDING:
            self._send(connection)
        else:
            self._receive(connection)

    def _receive(self, connection: Connection) -> None:
        if connection.receive():
            self._advance(connection)
        else:
            self._close(connection)

    def _advance(self, connection: Connection) -> None:
        """Hand a complete request to a thread; wait for the rest of an incomplete one."""
        if connection.has_long_head:
            self._refuse(connection, 431)
        elif connection.is_ready:
            self._waiting.discard(connection)
            self._pipelines.begin(connection)
        else:
            self._wait(connection, selectors.EVENT_READ)

    def _hand_over(self, connection: Connection) -> None:
        connection.parser.unreader.unread(connection.take())
        self.enqueue_req(connection)

    def handle(self, connection: Connection) -> bool:
        """Handle a request in a thread; return whether to keep the connection."""
        request = None
        try:
            request = next(connection.parser)
            can_go_on = self.handle_request(request, connection)
            return bool(can_go_on and connection.parser.finish_body())
        except (OSError, StopIteration) as error:  # OSError includes gunicorn's NoMoreData
            self.log.debug("client disconnected: %s", type(error).__name__)
        except (Exception, SystemExit) as error:
            self.handle_error(request, connection.sock, connection.client, error)
        return False

    def handle_error(self, req: object, client: Wire, addr: object, exc: BaseException) -> None:
        """Respond to errors past all handlers; gunicorn's response would show the input."""
        status = status_of(exc)
        if status == 500:
            self.log.error("unexpected error", exc_info=exc)
        client.sendall(refuse(status, time.monotonic(), addr, self.wsgi))

    def finish_request(self, connection: Connection, future: Future[bool]) -> None:
        """Send what is left of a thread's response, then continue with the connection."""
        self._pipelines.end(connection)
        if future.cancelled() or not future.result():
            connection.is_last = True
        connection.begin_to_send()
        self._send(connection)

    def _send(self, connection: Connection) -> None:
        try:
            is_sent = connection.sock.flush()
        except OSError:
            self._close(connection)
            return
        if not is_sent:
            self._wait(connection, selectors.EVENT_WRITE)
        elif connection.is_last:
            connection.say_goodbye()
            self._wait(connection, selectors.EVENT_READ)
        else:
            connection.go_on(connection.parser.unreader.take_buffered(), self.cfg.keepalive)
            self._advance(connection)

    def _end(self, late: Connection) -> None:
        """Close a connection past its deadline, with 408 if it is within a request."""
        if late.is_cut:
            self._refuse(late, 408)
        else:
            self._close(late)

    def _refuse(self, connection: Connection, status: int) -> None:
        connection.is_last = True
        connection.sock.held += refuse(status, connection.since, connection.client, self.wsgi)
        connection.begin_to_send()
        self._send(connection)

    def _wait(self, connection: Connection, event: int) -> None:
        self._waiting.add(connection, event)
        heavy = self._waiting.too_much() if connection.held_bytes > READ_BYTES else None
        if heavy:
            self._close(heavy)

    def _close(self, connection: Connection) -> None:
        self._waiting.discard(connection)
        self.nr_conns -= 1
        connection.close()
