"""Tokens: JWTs of an identity provider, checked as RFC 8725 and OWASP ASVS 9 ask for."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, Key

from ...settings import Settings
from .. import audit
from ..api.openapi import Api
from ..errors import ProblemError
from .jwks import KEY_TYPES, Keys, KeysUnavailable

DESCRIPTION = "A token of the identity provider."
MAX_BYTES = 8192
TYPES = ("jwt", "at+jwt")  # of a token that is none of another purpose (RFC 8725, 3.11)

View = TypeVar("View", bound=Callable[..., Any])

_READING = {"GET", "HEAD", "OPTIONS"}


class Tokens:
    """Verifies the tokens of one issuer for one audience."""

    def __init__(self, settings: Settings) -> None:
        self._keys = Keys(settings.jwt_jwks_url)
        # Header parameters that are not understood are ignored (RFC 7515, section 4).
        self._registry = jws.JWSRegistry(algorithms=list(KEY_TYPES), strict_check_header=False)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=settings.jwt_leeway,
            iss={"essential": True, "value": settings.jwt_issuer},
            aud={"essential": True, "value": settings.jwt_audience},
            sub={"essential": True},
            exp={"essential": True},
        )

    def verify(self, credential: str) -> str | None:
        """The owner that a valid token stands for, else None.

        Raises:
            ProblemError: 503, while no key can be had to tell.
        """
        try:
            claims = self._decode(credential)
            owner = owner_of(claims["iss"], claims["sub"])
        except KeysUnavailable:
            detail = "The identity provider does not answer; try again."
            raise ProblemError(503, detail, headers={"Retry-After": "10"}) from None
        # A hostile token may make any part of a parser fail: it is no valid one.
        except (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        g.scopes = frozenset(_scopes(claims))
        return owner

    def _decode(self, credential: str) -> dict[str, Any]:
        if len(credential) > MAX_BYTES:
            raise ValueError("too long")
        token = jwt.decode(credential, self._key, list(KEY_TYPES), self._registry)
        self._claims.validate(token.claims)
        kind = str(token.header.get("typ", "JWT")).lower().removeprefix("application/")
        # What is bound to a key of its sender (RFC 7800) is of no use to who only holds the token.
        if kind not in TYPES or "crit" in token.header or "cnf" in token.claims:
            audit.record("token of another kind")
            raise ValueError("of another kind")
        return token.claims

    def _key(self, token: GuestProtocol) -> Key:
        """The provider's key that the token names; whatever key it brings along is ignored."""
        header = token.headers()
        key = self._keys.find(header.get("kid"), header["alg"])
        if key is None:
            raise ValueError("of no key that is known")
        return key


def owner_of(issuer: str, subject: str) -> str:
    """The owner of the rows of a subject: of this issuer alone, and of a fixed length."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def _scopes(claims: Mapping[str, Any]) -> Iterator[str]:
    """What the token allows: `scope` (RFC 8693), or `scp` as some providers call it."""
    for name in ("scope", "scp"):
        given = claims.get(name, "")
        yield from given.split() if isinstance(given, str) else _texts(given)


def _texts(given: Any) -> list[str]:
    return [text for text in given if isinstance(text, str)] if isinstance(given, list) else []


def scope(name: str) -> Callable[[View], View]:
    """Ask for this scope at a view, instead of its blueprint's."""

    def mark(view: View) -> View:
        view.__dict__["scope"] = name
        return view

    return mark


def scope_of(endpoint: str, method: str) -> str | None:
    """The scope that a route asks for: its own, or its blueprint's `NAME:read` or `NAME:write`."""
    own: str | None = getattr(current_app.view_functions[endpoint], "scope", None)
    blueprint = endpoint.rpartition(".")[0]
    kind = "read" if method in _READING else "write"
    return own or (f"{blueprint}:{kind}" if blueprint else None)


def every_scope() -> set[str]:
    """The scopes that the application's routes ask for."""
    return {
        wanted
        for rule in current_app.url_map.iter_rules()
        for method in rule.methods or ()
        if (wanted := scope_of(rule.endpoint, method)) is not None
    }


def require_scopes(app: Flask, api: Api, public: Iterable[str]) -> None:
    """Refuse tokens without the route's scope (RFC 6750, 3.1); name it in the document."""
    api.amendments.append(name_scopes)

    @app.before_request
    def refuse_without_scope() -> None:
        if request.endpoint in (None, *public) or request.method == "OPTIONS":
            return
        wanted = scope_of(str(request.endpoint), request.method)
        if wanted is not None and wanted not in g.get("scopes", ()):
            audit.record("scope missing", scope=wanted)
            challenge = f'Bearer error="insufficient_scope", scope="{wanted}"'
            raise ProblemError(403, headers={"WWW-Authenticate": challenge})


def name_scopes(document: dict[str, Any]) -> None:
    """Add to each operation the scope that it asks for."""
    for rule in current_app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<>]*:)?([^<>]+)>", r"{\1}", rule.rule)
        operations = document["paths"].get(path, {})
        for method in rule.methods or ():
            operation = operations.get(method.lower(), {"security": []})
            if operation.get("security") != [] and (wanted := scope_of(rule.endpoint, method)):
                operation["security"] = [{"bearer": [wanted]}]
