"""Identity: every route asks for a bearer credential, but for those listed here (RFC 6750)."""

import hashlib
import re
from collections.abc import Callable

from flask import Flask, g, request

from . import audit
from .errors import ProblemError
from .identity import set_owner, verified_owner
from .openapi import Api

PUBLIC_ENDPOINTS = frozenset({"health.livez", "health.readyz", "health.report", "openapi"})

_key_prefix = re.compile(r"sk_[0-9a-f]{12}(?=_)").match

Verify = Callable[[str], str | None]  # gives a credential's owner; None where it is not valid


def identify(app: Flask, verify: Verify) -> None:
    """Verify credentials before the limits are counted, so that they count by owner."""

    @app.before_request
    def verify_credential() -> None:
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or request.endpoint in PUBLIC_ENDPOINTS:
            return
        credential = credential.strip(" \t")  # and no other space that Unicode knows
        owner = verify(credential)
        if owner is not None:
            set_owner(owner)
            return
        # What a key or token claims to be, without its secret or signature
        claimed = credential.rpartition(".")[0] or credential[:16]
        prefix = _key_prefix(credential)
        g.claimed_key = prefix[0] if prefix else None
        g.failed_identity = hashlib.sha256(claimed.encode()).hexdigest()


def require(app: Flask, api: Api, description: str) -> None:
    """Refuse who has no valid credential, after the limits have counted the attempt."""
    api.ask_for_bearer(description)

    @app.before_request
    def refuse_strangers() -> None:
        if request.endpoint in (None, *PUBLIC_ENDPOINTS) or request.method == "OPTIONS":
            return
        if verified_owner() is None:
            if "failed_identity" in g:
                audit.record("credential refused", key=g.claimed_key)
            raise ProblemError(401, headers={"WWW-Authenticate": "Bearer"})
