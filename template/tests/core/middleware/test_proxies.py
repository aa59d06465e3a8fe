"""Trusted proxies: X-Forwarded-For and -Proto are used only from trusted networks."""

import pytest
from flask import request

from ...conftest import MakeApp
from ...support.service import proxies

TRUSTED = ["10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48"]
CLIENT = "203.0.113.9"


def seen(peer: str, forwarded_for: str | None = None, proto: str | None = None) -> tuple[str, str]:
    """The address and scheme that the application sees."""
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"}
    if forwarded_for is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded_for
    if proto is not None:
        environ["HTTP_X_FORWARDED_PROTO"] = proto
    proxies.TrustedProxies(TRUSTED).apply(environ)
    return environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]


@pytest.mark.parametrize("peer", ["203.0.113.1", "192.0.2.8", "2001:db8:2::1", "", "unix:"])
def test_forwarded_headers_from_untrusted_peers_are_ignored(peer: str) -> None:
    assert seen(peer, CLIENT, "https") == (peer, "http")


def test_without_trusted_networks_forwarded_headers_are_ignored() -> None:
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": CLIENT}
    proxies.TrustedProxies([]).apply(environ)
    assert environ["REMOTE_ADDR"] == "127.0.0.1"


@pytest.mark.parametrize("peer", ["10.1.2.3", "192.0.2.7", "2001:db8:1::1", "::ffff:10.1.2.3"])
def test_forwarded_headers_from_trusted_peers_are_used(peer: str) -> None:
    assert seen(peer, CLIENT, "https") == (CLIENT, "https")


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        pytest.param(f"198.51.100.1, {CLIENT}", CLIENT, id="a forged entry on the left"),
        pytest.param(f"127.0.0.1,10.9.9.9,{CLIENT}", CLIENT, id="a forged trusted entry"),
        pytest.param(f"{CLIENT}, 10.0.0.2, 10.0.0.3", CLIENT, id="two trusted proxies between"),
        pytest.param(f"1.1.1.1, {CLIENT}, 10.0.0.2", CLIENT, id="forged, then a trusted proxy"),
        pytest.param("10.0.0.4, 10.0.0.2", "10.0.0.4", id="trusted proxies alone"),
        pytest.param("unknown", "10.0.0.1", id="no address"),
        pytest.param(f"{CLIENT}, _hidden, 10.0.0.2", "10.0.0.2", id="no address between"),
        pytest.param("", "10.0.0.1", id="empty"),
        pytest.param(f"{CLIENT},", "10.0.0.1", id="an empty last entry"),
        pytest.param(f"{CLIENT}:51234", CLIENT, id="a port"),
        pytest.param("[2001:db8::9]:443", "2001:db8::9", id="brackets and a port"),
        pytest.param("[2001:db8::9]", "2001:db8::9", id="brackets"),
        pytest.param("2001:db8::9", "2001:db8::9", id="neither"),
        pytest.param(f"::ffff:{CLIENT}", CLIENT, id="an IPv4 address in IPv6"),
    ],
)
def test_forwarded_for_is_read_from_the_right(forwarded_for: str, client: str) -> None:
    assert seen("10.0.0.1", forwarded_for)[0] == client


@pytest.mark.parametrize(
    ("proto", "scheme"),
    [
        ("https", "https"),
        ("HTTPS", "https"),
        ("http, https", "https"),
        ("https, http", "http"),
        ("ftp", "http"),
        ("", "http"),
        (None, "http"),
    ],
)
def test_scheme_comes_from_the_nearest_proxy(proto: str | None, scheme: str) -> None:
    assert seen("10.0.0.1", CLIENT, proto)[1] == scheme


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("203.0.113.1", "::ffff:203.0.113.1", True),
        ("203.0.113.1", "203.0.113.2", False),
        ("no address", "", True),
    ],
)
def test_client_is_identified_by_ipv4_address_or_ipv6_network(
    one: str, other: str, same: bool
) -> None:
    assert (proxies.client_network(one) == proxies.client_network(other)) is same


@pytest.mark.parametrize(("trusted", "client"), [([], "127.0.0.1"), (["127.0.0.1"], CLIENT)])
def test_application_uses_the_trusted_proxies_setting(
    make_app: MakeApp, trusted: list[str], client: str
) -> None:
    app = make_app(trusted_proxies=trusted)
    found = []
    app.before_request(lambda: found.append((request.remote_addr, request.is_secure)))
    headers = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https"}
    answer = app.test_client().get("/livez", base_url="http://localhost", headers=headers)
    assert answer.status_code == 200
    assert found == [(client, bool(trusted))]


@pytest.mark.parametrize(("trusted", "second"), [([], 429), (["127.0.0.1"], 404)])
def test_rate_limits_use_forwarded_addresses_only_from_trusted_proxies(
    make_app: MakeApp, trusted: list[str], second: int
) -> None:
    client = make_app(trusted_proxies=trusted, ratelimit_default="1 per day").test_client()
    assert client.get("/nothing", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404
    assert client.get("/nothing", headers={"X-Forwarded-For": "192.0.2.2"}).status_code == second
