"""Credentials for the tests: JWTs from the tests' own identity provider."""

import functools
from typing import Any

from flask import Flask

from .issuer import Issuer
from .service import jwks, jwt


@functools.cache
def issuer() -> Issuer:
    """Return the provider that the tests of this process share."""
    return Issuer()


def credential_settings() -> dict[str, Any]:
    """Return the settings that credentials need: which provider to trust."""
    jwks.DEADLINE = 30  # seconds; the provider may be slow on a busy machine
    return issuer().settings


def make_credential(app: Flask, name: str) -> dict[str, str]:
    """Return the headers of a new caller, whose token has every scope of the application."""
    with app.app_context():
        scopes = " ".join(sorted(jwt.every_scope()))
    return {"Authorization": f"Bearer {issuer().token(name, scope=scopes)}"}
