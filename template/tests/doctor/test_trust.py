"""Connections to a database on another machine: encrypted, with a verified certificate."""

import pytest
from sqlalchemy.engine import make_url

from .deployment import part

VERIFIED = {
    "postgresql://h/n": False,
    "postgresql://h/n?sslmode=require": False,
    "postgresql://h/n?sslmode=verify-full": True,
    "postgresql://h/n?sslmode=verify-ca": True,
    "postgresql://h/n?sslrootcert=system": True,
    "mysql://h/n": False,
    "mysql://h/n?ssl_ca=/ca.pem": True,
    "mysql://h/n?ssl_capath=/certificates": True,
    "mysql://h/n?ssl_ca=/ca.pem&ssl_check_hostname=false": False,
}


@pytest.mark.parametrize("url", VERIFIED)
def test_certificate_verification_is_read_from_the_url(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert part("checks.database").verifies_certificate(make_url(url)) == VERIFIED[url]
