"""HTTP client: makes outgoing requests, limited in time and size (OWASP API7 and API10)."""

import functools
import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Url, parse_url

from ..settings.addresses import Address

CONNECT_SECONDS = 1.5
CHUNK_BYTES = 65_536

Admits = Callable[[Address], bool]

# Its warning about headers would log what the other side sent.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


class OutgoingError(Exception):
    """There is no response; the message names only the kind of failure, not what was sent."""


class NotConnectedError(OutgoingError):
    """Nothing was sent, so a retry is safe."""


class DeadlineError(OutgoingError):
    """The response was not complete in time."""


@dataclass(frozen=True)
class Answer:
    """A response with any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    method: str,
    url: str,
    *,
    seconds: float,
    max_bytes: int,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    admits: Admits = lambda _: True,
) -> Answer:
    """Make a request and return its response, within `seconds` and of at most `max_bytes`.

    Redirects are not followed. The host name is resolved once, and only addresses that `admits`
    accepts are connected to.

    Raises:
        NotConnectedError: nothing was sent.
        DeadlineError: it took too long at any point: name lookup, connection, headers or body.
        OutgoingError: there is no response, or it is too large.
    """
    exchange = _Exchange(method, parse_url(url), seconds, max_bytes, headers or {}, body, admits)
    threading.Thread(target=exchange.run, daemon=True).start()
    try:
        return exchange.result.result(seconds)
    except TimeoutError:
        raise DeadlineError("deadline") from None
    finally:
        exchange.end()


@functools.cache
def _tls() -> ssl.SSLContext:
    """Verify certificates and names. Cached, because loading the system's CAs is slow."""
    return ssl.create_default_context()


@dataclass
class _Exchange:
    """A request in its own thread: there is no other way to time out a slow name lookup.

    A caller that gives up shuts the socket down, which frees the thread.
    """

    method: str
    url: Url
    seconds: float
    max_bytes: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    admits: Admits
    result: Future[Answer] = field(default_factory=Future)
    _socket: socket.socket | None = None  # the connection itself drops it before the body

    def __post_init__(self) -> None:
        self._deadline = time.monotonic() + self.seconds

    def run(self) -> None:
        """Make the request; report only the kind of any failure."""
        try:
            self.result.set_result(self._answer(self._connect()))
        except OutgoingError as error:
            self.result.set_exception(error)
        except Exception as error:
            late = isinstance(error, TimeoutError) or time.monotonic() >= self._deadline
            kind = DeadlineError if late else OutgoingError
            self.result.set_exception(kind(type(error).__name__))

    def end(self) -> None:
        """Shut the connection down, even while the thread still waits on it."""
        if self._socket is not None:
            with suppress(OSError):  # it may already be closed
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError("deadline")
        return left

    def _connect(self) -> HTTPConnection:
        """Connect to the first address that accepts a connection."""
        failure = "no address"
        for address in self._addresses():
            connection = self._to(address)
            connection.timeout = min(CONNECT_SECONDS, self._left())
            try:
                connection.connect()
            except Exception as error:  # from the network, TLS or the library
                failure = type(error).__name__
                connection.close()
            else:
                self._socket = connection.sock
                return connection
        self._left()
        raise NotConnectedError(failure)

    def _addresses(self) -> Iterator[str]:
        """Resolve the host name; if one address is not admitted, all are rejected."""
        host, port = (self.url.host or "").strip("[]"), self.url.port
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotConnectedError(type(error).__name__) from None
        addresses = [str(address[0]) for *_, address in found]
        if not all(self.admits(ipaddress.ip_address(name)) for name in addresses):
            raise OutgoingError("address in a private network")
        yield from dict.fromkeys(addresses)

    def _to(self, address: str) -> HTTPConnection:
        if self.url.scheme != "https":
            return HTTPConnection(address, self.url.port)
        # Verify the host name, however the address was found.
        return HTTPSConnection(
            address,
            self.url.port,
            server_hostname=self.url.host,
            ssl_context=_tls(),
        )

    def _answer(self, connection: HTTPConnection) -> Answer:
        try:
            connection.timeout = self._left()
            named = {**self.headers, "Host": self.url.netloc or ""}
            connection.request(
                self.method, self.url.request_uri, self.body, named, preload_content=False
            )
            body = b""
            with connection.getresponse() as response:
                for chunk in response.stream(CHUNK_BYTES, decode_content=False):
                    body += chunk
                    if len(body) > self.max_bytes:
                        raise OutgoingError("response too large")
            return Answer(response.status, response.headers, body)
        finally:
            connection.close()
