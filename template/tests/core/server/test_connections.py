"""Connections: slow and hostile clients do not block others, and each gets its response."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask

from ...support.clients import HEAD, HOSTILE, ONE_THREAD, PATIENT, STRICT, connect, read, signed
from ...support.served import Server, served, wait_until

MANY = 60


@pytest.fixture(scope="module")
def server(
    shared_app: Flask, some_settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose client timeouts are longer than any test."""
    with served(tmp_path_factory.mktemp("server"), some_settings, PATIENT, **ONE_THREAD) as server:
        yield server


@pytest.fixture(scope="module")
def strict_server(
    shared_app: Flask, some_settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose client timeouts are half a second."""
    with served(tmp_path_factory.mktemp("server"), some_settings, STRICT, **ONE_THREAD) as server:
        yield server


@pytest.mark.parametrize("request_", HOSTILE.values(), ids=HOSTILE)
def test_hostile_connections_do_not_block_other_clients(
    server: Server, credential: dict[str, str], request_: str
) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            connect(server, stack, signed(credential, request_))
        assert server.get("/livez").startswith("HTTP/1.1 200 ")
        body = f"{HEAD}Connection: close\r\nContent-Length: 2\r\n\r\n12"
        # The only thread may first have to handle a complete request from one of them.
        wait_until(lambda: server.ask(signed(credential, body)).endswith('{"bytes":2}\n'))


def test_incomplete_request_gets_408(strict_server: Server) -> None:
    kinds = ["half a header", "half a body", "half a chunk"]
    with ExitStack() as stack:
        for connection in [connect(strict_server, stack, HOSTILE[kind]) for kind in kinds]:
            answer = read(connection)
            assert answer.startswith("HTTP/1.1 408 Request Timeout\r\n")
            assert "\r\nContent-Type: application/problem+json\r\n" in answer


def test_silent_and_finished_connections_are_closed(strict_server: Server) -> None:
    with ExitStack() as stack:
        silent = connect(strict_server, stack, "")
        answered = connect(strict_server, stack, HOSTILE["answered and left open"])
        assert read(silent) == ""
        assert read(answered).count("HTTP/1.1") == 1


def test_slowly_read_response_arrives_whole(server: Server, credential: dict[str, str]) -> None:
    with server.connect() as slow:
        slow.sendall(signed(credential, HOSTILE["an answer that is not read"]).encode())
        received = slow.recv(100)
        assert server.get("/livez").startswith("HTTP/1.1 200 ")
        while not received.endswith(b"x" * 1_000_000):
            received += slow.recv(10_000)


def test_pipelined_requests_are_answered_in_order(
    server: Server, credential: dict[str, str]
) -> None:
    requests = [f"{HEAD}Content-Length: {size}\r\n\r\n{'x' * size}" for size in range(1, 30)]
    last = requests[-1].replace("Host", "Connection: close\r\nHost")
    answer = server.ask(signed(credential, "".join([*requests, last])))
    sizes = [line for line in answer.splitlines() if line.startswith('{"bytes"')]
    assert sizes == [f'{{"bytes":{size}}}' for size in [*range(1, 30), 29]]


def test_expect_continue_is_answered_once(server: Server, credential: dict[str, str]) -> None:
    with server.connect() as connection:
        head = f"{HEAD}Connection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        connection.sendall(signed(credential, head).encode())
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"12345")
        answer = read(connection)
    assert answer.startswith("HTTP/1.1 200 ")
    assert answer.endswith('{"bytes":5}\n')


def test_malformed_request_is_neither_echoed_nor_logged(server: Server) -> None:
    answer = server.ask("GET /?token=canary\r\nAuthorization Bearer canary\r\n\r\n")
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert "\r\nX-Content-Type-Options: nosniff\r\n" in head
    assert '"status":400' in body
    request_id = head.partition("X-Request-ID: ")[2][:32]
    assert request_id in body
    wait_until(lambda: request_id in server.log.read_text())
    assert "canary" not in answer + server.log.read_text()
