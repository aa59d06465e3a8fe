"""Credentials for the tests: tokens of an identity provider of their own."""

import functools
from typing import Any

from flask import Flask

from .issuer import Issuer
from .service import jwks, jwt


@functools.cache
def issuer() -> Issuer:
    """The provider of this process' tests."""
    return Issuer()


def credential_settings() -> dict[str, Any]:
    """The settings that credentials need: which provider to believe."""
    jwks.DEADLINE = 30  # on a busy machine, the provider may take long
    return issuer().settings


def make_credential(app: Flask, name: str) -> dict[str, str]:
    """Headers of a new caller, whose token allows everything that the application offers."""
    with app.app_context():
        scopes = " ".join(sorted(jwt.every_scope()))
    return {"Authorization": f"Bearer {issuer().token(name, scope=scopes)}"}
