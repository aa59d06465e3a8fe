"""The server's event loop: how it handles connections, tested on socket pairs without a server."""

import selectors
import socket
import threading
from collections.abc import Iterator

import pytest
from gunicorn.http import errors

from ...conftest import PATIENCE
from ...support.service import connection, error_responses, framing, waiting

LONGEST = framing.Longest(line=100, head=400, body=50)
GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n"


class Pair:
    """A connection and its client's socket."""

    def __init__(self) -> None:
        ours, self.client = socket.socketpair()
        self.client.settimeout(PATIENCE)
        self.one = connection.Connection(ours, None, None, LONGEST)

    def send(self, data: bytes) -> bool:
        """Send data as the client; return whether the connection stays open after receiving it."""
        self.client.sendall(data)
        return self.one.receive()

    def close(self) -> None:
        self.client.close()
        self.one.socket.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.close()


def test_request_in_parts_is_ready_once_complete(pair: Pair) -> None:
    assert pair.one.receive()  # no data yet
    assert not pair.one.is_cut
    assert pair.send(GET[:10])
    assert pair.one.is_cut
    assert not pair.one.is_ready
    assert pair.send(GET[10:])
    assert pair.one.is_ready
    assert pair.one.take() == GET
    assert not pair.one.is_last
    assert pair.one.held_bytes == 0


def test_next_request_may_be_pipelined_or_come_later(pair: Pair) -> None:
    pair.one.go_on(GET, idle_seconds=60)
    assert pair.one.is_ready
    pair.one.take()
    pair.one.go_on(b"", idle_seconds=60)
    assert pair.one.stage.name == "IDLE"
    later = pair.one.deadline
    assert pair.send(GET[:10])
    assert pair.one.stage.name == "RECEIVING"
    assert pair.one.deadline < later - 30


def test_body_deadline_starts_after_the_header_and_grows_with_data(pair: Pair) -> None:
    pair.send(POST)
    of_the_head = pair.one.deadline
    pair.send(b"\r\n")
    of_the_body = pair.one.deadline
    assert of_the_body > of_the_head
    pair.send(b"12345")
    assert pair.one.deadline > of_the_body


def test_expect_continue_gets_100_continue(pair: Pair) -> None:
    assert pair.send(POST + b"Expect: 100-continue\r\n\r\n")
    assert pair.client.recv(100) == connection.CONTINUE


def test_partial_request_is_ready_when_its_client_stops_sending(pair: Pair) -> None:
    pair.send(POST)
    pair.client.shutdown(socket.SHUT_WR)
    assert pair.one.receive()
    assert pair.one.is_ready
    assert pair.one.take() == POST
    assert pair.one.is_last


@pytest.mark.parametrize("end", ["say_goodbye", "close"])
def test_closed_connection_releases_its_buffers(pair: Pair, end: str) -> None:
    pair.send(GET[:10])
    assert pair.one.held_bytes == 10
    getattr(pair.one, end)()
    assert pair.one.held_bytes == 0


def test_closed_client_is_detected(pair: Pair) -> None:
    pair.client.close()
    assert not pair.one.receive()
    pair.one.socket.close()
    assert not pair.one.receive()


def test_client_can_read_the_last_response_before_the_close(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.one.sock.send(b"bye")
    pair.one.say_goodbye()
    assert pair.client.recv(100) == b"bye"
    assert pair.client.recv(100) == b""
    assert pair.send(b"more")
    monkeypatch.setattr(connection, "LINGER_BYTES", 5)
    assert not pair.send(b"too much")


def test_response_is_buffered_for_a_slow_client(pair: Pair) -> None:
    answer = b"x" * 900_000
    pair.one.sock.sendall(answer)
    pair.one.begin_to_send()
    assert 0 < pair.one.held_bytes < len(answer)
    received = b""
    while not pair.one.sock.flush():
        received += pair.client.recv(65_536)
    while len(received) < len(answer):
        received += pair.client.recv(65_536)
    assert received == answer


def test_thread_waits_until_the_rest_fits_the_buffer(pair: Pair) -> None:
    answer, received = b"x" * 4_000_000, bytearray()

    def read() -> None:
        while len(received) < len(answer) - connection.HELD_BYTES:
            received.extend(pair.client.recv(65_536))

    reader = threading.Thread(target=read)
    reader.start()
    pair.one.sock.sendall(answer)
    reader.join(PATIENCE)
    assert pair.one.held_bytes <= connection.HELD_BYTES


def test_thread_times_out_if_the_client_does_not_read(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BODY_SECONDS", 0.1)
    monkeypatch.setattr(connection, "SECONDS_A_BYTE", 0)
    with pytest.raises(TimeoutError):
        pair.one.sock.sendall(b"x" * 4_000_000)


def test_thread_cannot_read_or_close_a_connection(pair: Pair) -> None:
    pair.client.sendall(GET)
    assert pair.one.sock.recv(100) == b""
    pair.one.sock.settimeout(1)
    pair.one.sock.shutdown(socket.SHUT_RDWR)
    pair.one.sock.close()
    assert pair.one.sock.fileno() == pair.one.socket.fileno()
    assert pair.one.receive()
    assert pair.one.is_ready


def test_loop_waits_for_one_event_per_connection(pair: Pair) -> None:
    happened: list[connection.Connection] = []
    with selectors.DefaultSelector() as poller:
        room = waiting.Waiting(poller, happened.append)
        room.add(pair.one, selectors.EVENT_WRITE)
        room.add(pair.one, selectors.EVENT_READ)
        room.add(pair.one, selectors.EVENT_READ)
        assert poller.select(0) == []
        pair.client.sendall(GET)
        ((key, _),) = poller.select(PATIENCE)
        key.data(key.fileobj)
        assert happened == [*room] == [pair.one]
        room.discard(pair.one)
        key.data(key.fileobj)  # from the same poll, after another event closed the connection
        assert happened == [pair.one]


def test_pipelined_requests_run_a_few_at_a_time() -> None:
    handed_over: list[connection.Connection] = []
    pipelines, pairs = waiting.Pipelines(2, handed_over.append), [Pair() for _ in range(5)]
    alone, *others = [pair.one for pair in pairs]
    for each in others:
        each.go_on(GET, idle_seconds=60)
        pipelines.begin(each)
    assert handed_over == others[:2]
    pipelines.begin(alone)
    pipelines.end(alone)
    assert handed_over == [*others[:2], alone]
    for number in range(4):
        pipelines.end(others[number])
    assert handed_over == [*others[:2], alone, *others[2:]]
    pipelines.begin(others[0])
    assert handed_over[-1] is others[0]
    for pair in pairs:
        pair.close()


def test_late_idle_and_large_connections_are_chosen_to_close(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stages = [connection.Stage.RECEIVING, connection.Stage.IDLE, connection.Stage.IDLE]
    pairs = [Pair() for _ in stages]
    with selectors.DefaultSelector() as poller:
        room = waiting.Waiting(poller, lambda _: None)
        assert room.first_to_go() is None
        for number, (pair, stage) in enumerate(zip(pairs, stages, strict=True)):
            pair.one.enter(stage, 10 * number)
            room.add(pair.one, selectors.EVENT_READ)
        assert room.first_to_go() is pairs[1].one
        assert room.late(pairs[0].one.since + 5) == [pairs[0].one]
        assert room.too_much() is None
        monkeypatch.setattr(waiting, "BUFFERED_BYTES", 100_000)
        for pair in pairs[1:]:
            pair.one.sock.held += b"x" * 70_000
        assert room.too_much() is pairs[1].one
    for pair in pairs:
        pair.close()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidHeader("X"), 400),
        (errors.LimitRequestLine(1, 2), 414),
        (errors.ExpectationFailed("tea"), 417),
        (errors.LimitRequestHeaders("many"), 431),
        (errors.UnsupportedTransferCoding("x"), 501),
        (errors.InvalidResponseHeader("X"), 500),
        (RuntimeError(), 500),
    ],
)
def test_each_parser_error_has_its_status(error: Exception, status: int) -> None:
    assert error_responses.status_of(error) == status
    head, _, body = error_responses.refuse(status, 0.0, ("192.0.2.1", 1), None).partition(
        b"\r\n\r\n"
    )
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert f"Content-Length: {len(body)}".encode() in head
