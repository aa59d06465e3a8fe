"""Hosts and HTTPS: untrusted hosts, and plain HTTP with REQUIRE_HTTPS, are rejected."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ...conftest import MakeApp
from ...support.apps import further_app
from ...support.service import hosts

PROBES = hosts.PROBES


@pytest.fixture(scope="module")
def choosy(shared_app: Flask, some_settings: dict[str, Any]) -> Iterator[FlaskClient]:
    """A client of an application with a list of trusted hosts."""
    trusted = ["api.Example.com", ".SUB.example.com", "[::1]"]
    with further_app(some_settings, trusted_hosts=trusted) as app:
        yield app.test_client()


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("api.example.com", True),
        ("API.Example.COM", True),
        ("api.example.com:8000", True),
        ("api.example.com.", True),
        ("api.example.com.:443", True),
        ("a.sub.example.com", True),
        ("[::1]:8000", True),
        ("sub.example.com", False),
        ("evil-sub.example.com.evil.com", False),
        ("evilapi.example.com", False),
        ("api.example.com:x@evil.com", False),
        ("[::1].evil.com", False),
        ("192.0.2.1", False),
    ],
)
def test_only_trusted_hosts_are_served(choosy: FlaskClient, host: str, trusted: bool) -> None:
    answer = choosy.get("/nothing", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == (404 if trusted else 400)
    if not trusted:
        assert answer.json is not None
        assert "Host header" in answer.json["detail"]
        assert host == "" or host not in answer.text


@pytest.mark.parametrize("path", PROBES)
def test_health_checks_accept_any_host_and_plain_http(make_app: MakeApp, path: str) -> None:
    client = make_app(trusted_hosts=["api.example.com"], require_https=True).test_client()
    assert client.get(path, base_url="http://10.1.2.3:8000").status_code == 200


@pytest.mark.parametrize(
    ("required", "base_url", "proto", "status"),
    [
        (False, "http://localhost", "", 404),
        (True, "http://localhost", "", 403),
        (True, "http://localhost", "http", 403),
        (True, "http://localhost", "https", 404),
        (True, "https://localhost", "", 404),
    ],
)
def test_plain_http_is_rejected_if_https_is_required(
    make_app: MakeApp, required: bool, base_url: str, proto: str, status: int
) -> None:
    client = make_app(require_https=required, trusted_proxies=["127.0.0.1"]).test_client()
    headers = {"X-Forwarded-Proto": proto}
    assert client.get("/nothing", base_url=base_url, headers=headers).status_code == status


def test_request_target_must_match_the_host_header(app: Flask) -> None:
    """RFC 9112, 3.2: Host is required, and an absolute target must name the same host."""
    client = app.test_client()
    environ: dict[str, Any] = {"HTTP_HOST": "localhost", "SERVER_PROTOCOL": "HTTP/1.1"}
    targets = {
        "/livez": 200,
        "http://localhost/livez": 200,
        "http://elsewhere.example/livez": 400,
        "http://user@localhost/livez": 400,
        "http:///livez": 400,
        "localhost:443": 400,
    }
    for target, status in targets.items():
        answer = client.get("/livez", environ_overrides=environ | {"RAW_URI": target})
        assert answer.status_code == status, target
    without = client.get("/livez", environ_overrides=environ | {"HTTP_HOST": ""})
    assert (without.status_code, without.content_type) == (400, "application/problem+json")
    assert without.get_json()["detail"] == "The Host header is missing or invalid."


@pytest.mark.parametrize("path", [*PROBES, "/nothing"])
@pytest.mark.parametrize("host", ["a b", "a/b", "a@b", "a:b", ":80", "[::1", "a,b", "é", "<a>"])
def test_malformed_host_is_rejected_even_without_trusted_hosts(
    client: FlaskClient, host: str, path: str
) -> None:
    answer = client.get(path, environ_overrides={"HTTP_HOST": host})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert host not in answer.text
