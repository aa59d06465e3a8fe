"""Addresses of other services: URLs must be HTTPS or local, and only some addresses are public."""

import ipaddress

import pytest
from marshmallow import ValidationError

from ...support.service import addresses


@pytest.mark.parametrize(
    "address",
    [
        *["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"],
        *["0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1"],
        *["::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
    ],
)
def test_local_and_private_addresses_are_not_public(address: str) -> None:
    assert not addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_internet_addresses_are_public(address: str) -> None:
    assert addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("url", ["https://api.example.com/v1", "http://127.0.0.1:9000/v1"])
def test_https_and_local_urls_are_accepted(url: str) -> None:
    addresses.https_url(url)


@pytest.mark.parametrize(
    "url",
    [
        *["http://api.example.com/v1", "http://localhost.example.com/", "file:///keys", "x"],
        *["https://user@api.example.com/", "https://api.example.com:port/", "https://[::1"],
    ],
)
def test_other_urls_are_rejected(url: str) -> None:
    with pytest.raises(ValidationError):
        addresses.https_url(url)
