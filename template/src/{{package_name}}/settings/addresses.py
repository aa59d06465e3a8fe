"""Addresses of other services: which URLs are accepted, and which addresses are public."""

import ipaddress
import re

from marshmallow import ValidationError
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

NAT64 = ipaddress.ip_network("64:ff9b::/96")  # contains an IPv4 address that a gateway connects to

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def https_url(value: str) -> None:
    """Reject anything but an https URL; this machine's own addresses may use plain HTTP."""
    try:
        parse_url(value)
    except LocationParseError:
        raise ValidationError("Not a valid URL.") from None
    if not re.match(
        r"(https://[^/@]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/|\Z)", value
    ):
        raise ValidationError("Not an https:// URL.")


def is_public(address: Address) -> bool:
    """Return whether the address is on the internet, not on this network or machine."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return address.is_global and not address.is_multicast
