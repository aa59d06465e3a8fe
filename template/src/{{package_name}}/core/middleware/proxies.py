"""Trusted proxies: X-Forwarded-* headers are believed only from the networks in TRUSTED_PROXIES."""

import functools
import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TrustedProxies:
    """Sets REMOTE_ADDR and the scheme from X-Forwarded-* headers that a trusted peer sent."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]

    def apply(self, environ: WSGIEnvironment) -> None:
        """Rewrite the WSGI environment of one request."""
        peer = environ.get("REMOTE_ADDR", "")
        if not self._trusts(parse_address(peer)):
            return
        environ["REMOTE_ADDR"] = self._client(peer, environ.get("HTTP_X_FORWARDED_FOR", ""))
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme

    def _client(self, peer: str, forwarded_for: str) -> str:
        """Return the last address reported by a trusted proxy; earlier ones may be forged."""
        client = parse_address(peer)
        for hop in reversed(forwarded_for.split(",")):
            reported = parse_address(hop.strip())
            if reported is None or not self._trusts(client):
                break
            client = reported
        return str(client)

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def parse_address(text: str) -> Address | None:
    """Return the address in `text`, with or without a port, or None if there is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        try:
            address = ipaddress.ip_address(urlsplit(f"//{text}").hostname or "")
        except ValueError:
            return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


@functools.lru_cache(1024)
def wide_network(text: str) -> str:
    """Return the IPv6 /48 of a client, which one customer of a provider owns; empty for IPv4."""
    address = parse_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 48), strict=False))
    return ""


@functools.lru_cache(1024)
def client_network(text: str) -> str:
    """Return what limits count as one client: an IPv4 address, or one client's IPv6 /64."""
    address = parse_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address) if address else "unknown"
