"""JWTs: verifies an identity provider's tokens as RFC 8725 and OWASP ASVS 9 require."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, current_app, g, request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, Key

from ...settings import Settings
from .. import audit
from ..errors import ProblemError
from ..service import current_service
from .jwks import KEY_TYPES, Keys, KeysUnavailable

DESCRIPTION = "A token from the identity provider."
MAX_BYTES = 8192
TYPES = ("jwt", "at+jwt")  # excludes tokens issued for another purpose (RFC 8725, 3.11)


class Tokens:
    """Verifies tokens from one issuer for one audience."""

    def __init__(self, settings: Settings) -> None:
        self._keys = Keys(settings.jwt_jwks_url)
        # Unknown header parameters are ignored (RFC 7515, section 4).
        self._registry = jws.JWSRegistry(algorithms=list(KEY_TYPES), strict_check_header=False)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=settings.jwt_leeway,
            iss={"essential": True, "value": settings.jwt_issuer},
            aud={"essential": True, "value": settings.jwt_audience},
            sub={"essential": True},
            exp={"essential": True},
        )

    def verify(self, credential: str) -> str | None:
        """Return the owner that a valid token identifies, else None.

        Raises:
            ProblemError: 503, while there are no keys to verify it with.
        """
        try:
            claims = self._decode(credential)
            owner = owner_of(claims["iss"], claims["sub"])
        except KeysUnavailable:
            detail = "The identity provider does not respond; try again."
            raise ProblemError(503, detail, headers={"Retry-After": "10"}) from None
        # A hostile token can make any part of a parser fail; treat it as invalid.
        except (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        g.scopes = frozenset(_scopes(claims))
        return owner

    def _decode(self, credential: str) -> dict[str, Any]:
        if len(credential) > MAX_BYTES:
            raise ValueError("token too long")
        token = jwt.decode(credential, self._key, list(KEY_TYPES), self._registry)
        self._claims.validate(token.claims)
        kind = str(token.header.get("typ", "JWT")).lower().removeprefix("application/")
        # A token bound to its sender's key (RFC 7800) must not be accepted as a bearer token.
        if kind not in TYPES or "crit" in token.header or "cnf" in token.claims:
            audit.record("unsupported token type")
            raise ValueError("unsupported token type")
        return token.claims

    def _key(self, token: GuestProtocol) -> Key:
        """Return the provider's key that the token names; ignores any key inside the token."""
        header = token.headers()
        key = self._keys.find(header.get("kid"), header["alg"])
        if key is None:
            raise ValueError("unknown key")
        return key


def owner_of(issuer: str, subject: str) -> str:
    """Return the owner for a subject: specific to this issuer, and of fixed length."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def _scopes(claims: Mapping[str, Any]) -> Iterator[str]:
    """Yield the token's scopes: `scope` (RFC 8693), or `scp` as some providers call it."""
    for name in ("scope", "scp"):
        given = claims.get(name, "")
        yield from given.split() if isinstance(given, str) else _texts(given)


def _texts(given: Any) -> list[str]:
    return [text for text in given if isinstance(text, str)] if isinstance(given, list) else []


def every_scope() -> set[str]:
    """Return all scopes that the application's routes need."""
    routes = current_service().routes
    return {
        scope
        for rule in current_app.url_map.iter_rules()
        for method in rule.methods or ()
        if (scope := routes.scope_of(rule.endpoint, method)) is not None
    }


def require_scopes(app: Flask) -> None:
    """Reject tokens without the route's scope (RFC 6750, 3.1)."""

    @app.before_request
    def require_scope() -> None:
        if request.endpoint is None or request.method == "OPTIONS":
            return
        scope = current_service().routes.scope_of(request.endpoint, request.method)
        if scope is not None and scope not in g.get("scopes", ()):
            audit.record("scope missing", scope=scope)
            challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
            raise ProblemError(403, headers={"WWW-Authenticate": challenge})
