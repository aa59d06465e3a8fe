"""Bearer credentials (RFC 6750): verified after the host check and before rate limiting.

After rate limiting, every route requires one, except those that declare `public=True`.
"""

import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from flask import Flask, g, request

from .. import audit
from ..api.openapi import Api
from ..errors import ProblemError
from ..middleware.rate_limits import is_over_limit
from ..service import current_service
from .owner import set_owner, verified_owner

ATTEMPTS = 10.0
REMEMBERED = 10_000

_key_prefix = re.compile(r"sk_[0-9a-f]{12}(?=_)").match

Verify = Callable[[str], str | None]  # returns the credential's owner; None if it is invalid


class Attempts:
    """Limits verification for addresses over their rate limit, if it costs a lookup.

    Credentials that were valid before are always verified. Each process verifies up to ATTEMPTS
    others per second.
    """

    def __init__(self) -> None:
        self._right = OrderedDict[str, None]()
        self._left = ATTEMPTS
        self._counted_at = time.monotonic()
        self._lock = threading.Lock()

    def may_be_made(self, claimed: str) -> bool:
        """Whether to verify this credential; counts the attempt."""
        with self._lock:
            now = time.monotonic()
            self._left = min(ATTEMPTS, self._left + (now - self._counted_at) * ATTEMPTS)
            self._counted_at = now
            if claimed in self._right:
                return True
            is_allowed = self._left >= 1
            self._left -= is_allowed
            return is_allowed

    def note_right(self, claimed: str) -> None:
        """Remember a valid credential, by the part that identifies it."""
        with self._lock:
            self._right[claimed] = None
            self._right.move_to_end(claimed)
            if len(self._right) > REMEMBERED:
                self._right.popitem(last=False)


def identify(app: Flask, verify: Verify, attempts: Attempts | None = None) -> None:
    """Verify credentials before rate limiting, so that the limits count per owner."""

    @app.before_request
    def verify_credential() -> None:
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or _is_public():
            return
        credential = credential.strip(" \t")  # but no other Unicode whitespace
        # The part that identifies a key or token, without its secret or signature
        claimed = credential.rpartition(".")[0] or credential[:16]
        if attempts is None or not is_over_limit() or attempts.may_be_made(claimed):
            owner = verify(credential)
            if owner is not None:
                set_owner(owner)
                if attempts is not None:
                    attempts.note_right(claimed)
                return
        prefix = _key_prefix(credential)
        g.claimed_key = prefix[0] if prefix else None
        g.failed_identity = hashlib.sha256(claimed.encode()).hexdigest()


def require(app: Flask, api: Api, description: str, *, scopes: bool = False) -> None:
    """Reject requests without a valid credential. Runs after rate limiting, so attempts are counted.

    `scopes`: also document the scope that each route needs.
    """
    api.require_bearer(description, scopes=scopes)

    @app.before_request
    def require_credential() -> None:
        if request.endpoint is None or request.method == "OPTIONS" or _is_public():
            return
        if verified_owner() is None:
            if "failed_identity" in g:
                audit.record("credential rejected", key=g.claimed_key)
            raise ProblemError(401, headers={"WWW-Authenticate": "Bearer"})


def _is_public() -> bool:
    endpoint, method = request.endpoint, request.method
    return endpoint is not None and current_service().routes.of(endpoint, method).public is True
