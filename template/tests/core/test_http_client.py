"""Outgoing requests: only to allowed addresses, with verified TLS, and bounded in time and size."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from ..conftest import PATIENCE
from ..support import model_faults as faults
from ..support.model_api import Behaviour, Handler, ModelAPI, running_model_api
from ..support.service import addresses, http_client

MAX_BYTES = 10_000
AddressInfo = tuple[Any, Any, int, str, tuple[str, int]]


@pytest.fixture
def api() -> Iterator[ModelAPI]:
    with running_model_api() as api:
        yield api


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """A certificate authority that this machine trusts during the test."""
    authority = trustme.CA()
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    http_client._tls.cache_clear()
    yield authority
    http_client._tls.cache_clear()


def ask(url: str, seconds: float = PATIENCE, **more: Any) -> http_client.Answer:
    return http_client.ask("POST", url, seconds=seconds, max_bytes=MAX_BYTES, body=b"{}", **more)


def url_of(api: ModelAPI, host: str = "127.0.0.1", scheme: str = "http") -> str:
    return f"{scheme}://{host}:{api.server.server_port}/v1/chat/completions"


def with_tls(api: ModelAPI, authority: trustme.CA, name: str) -> None:
    """Serve HTTPS with a certificate for this name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    api.server.socket = context.wrap_socket(api.server.socket, server_side=True)
    api.server.handle_error = lambda *_: None  # type: ignore[method-assign]
    api.usual = faults.says(b"hello")


@pytest.mark.parametrize("status", [200, 302, 404, 429, 503])
def test_any_status_is_returned_and_redirects_are_not_followed(api: ModelAPI, status: int) -> None:
    api.usual = faults.says(b"hello", status, Location=url_of(api))
    answer = ask(url_of(api))
    assert (answer.status, answer.body) == (status, b"hello")
    assert answer.headers["location"] == url_of(api)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "slow",
    [faults.hangs, faults.drips_headers, faults.drips_body, faults.continues],
    ids=lambda fault: fault.__name__,
)
def test_slow_server_fails_at_the_deadline(api: ModelAPI, slow: Behaviour) -> None:
    api.usual = slow
    started = time.monotonic()
    with pytest.raises(http_client.DeadlineError):
        ask(url_of(api), seconds=0.5)
    assert time.monotonic() - started < PATIENCE / 2


def test_timed_out_request_leaves_no_thread_or_connection(api: ModelAPI) -> None:
    gone = threading.Event()

    def drips(handler: Handler) -> None:
        try:
            faults.drips_body(handler)
        finally:
            gone.set()

    api.usual = drips
    before = set(threading.enumerate())
    with pytest.raises(http_client.DeadlineError):
        ask(url_of(api), seconds=0.3)
    assert gone.wait(PATIENCE)
    for thread in {*threading.enumerate()} - before:
        if "(run)" in thread.name:
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_slow_name_resolution_fails_at_the_deadline(
    api: ModelAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: going.wait(PATIENCE) and [])
    with pytest.raises(http_client.DeadlineError):
        ask(url_of(api), seconds=0.2)
    going.set()
    assert not api.asked


@pytest.mark.parametrize("fault", [faults.never_ends, faults.says(b" " * (MAX_BYTES + 1))])
def test_body_over_the_size_limit_is_not_read(api: ModelAPI, fault: Behaviour) -> None:
    api.usual = fault
    with pytest.raises(http_client.OutgoingError, match="response too large"):
        ask(url_of(api))


@pytest.mark.parametrize(
    "fault",
    [faults.closes_at_once, faults.closes_in_the_body, faults.speaks_no_http],
    ids=lambda fault: fault.__name__,
)
def test_incomplete_response_is_an_error(api: ModelAPI, fault: Behaviour) -> None:
    api.usual = fault
    with pytest.raises(http_client.OutgoingError) as caught:
        ask(url_of(api))
    assert not isinstance(caught.value, http_client.NotConnectedError)


def test_failed_connection_or_name_resolution_sends_nothing() -> None:
    with socket.socket() as refuses:
        refuses.bind(("127.0.0.1", 0))
        for host in (f"127.0.0.1:{refuses.getsockname()[1]}", "nowhere.invalid"):
            with pytest.raises(http_client.NotConnectedError):
                ask(f"http://{host}/")


def test_the_name_is_resolved_once_and_that_address_is_used(
    api: ModelAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name whose address changes after the check (DNS rebinding) does not change the target."""
    found = iter(["127.0.0.1", "127.0.0.2"])
    resolve = socket.getaddrinfo

    def changing(host: str, *more: Any, **named: Any) -> list[AddressInfo]:
        return resolve(next(found) if host == "api.example" else host, *more, **named)  # type: ignore[return-value]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    api.usual = faults.says(b"hello")
    seen: list[str] = []

    def admits(address: addresses.Address) -> bool:
        seen.append(str(address))
        return True

    assert ask(url_of(api, "api.example"), admits=admits).body == b"hello"
    assert seen == ["127.0.0.1"]
    assert next(found) == "127.0.0.2", "the name was resolved only once"
    assert api.asked[0].headers["Host"] == f"api.example:{api.server.server_port}"


def test_name_with_one_private_address_is_rejected(
    api: ModelAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.1", 80))
    private = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [private, public])
    with pytest.raises(http_client.OutgoingError, match="private network"):
        ask(url_of(api, "api.example"), admits=addresses.is_public)
    assert not api.asked


def test_certificate_must_match_the_requested_host(api: ModelAPI, authority: trustme.CA) -> None:
    with_tls(api, authority, "localhost")
    assert ask(url_of(api, "localhost", "https")).body == b"hello"
    with pytest.raises(http_client.NotConnectedError):
        ask(url_of(api, "127.0.0.1", "https"))


def test_certificate_from_an_unknown_authority_is_rejected(
    api: ModelAPI, authority: trustme.CA
) -> None:
    with_tls(api, trustme.CA(), "localhost")
    with pytest.raises(http_client.NotConnectedError, match="SSL"):
        ask(url_of(api, "localhost", "https"))
    assert not api.asked
