"""Tokens that must be rejected, each for one reason."""

import hmac
import time
from collections.abc import Callable
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from .issuer import Issuer, encoded, new_key, part

OTHER_RSA = RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256"})


def after(seconds: int) -> int:
    """Return the timestamp that many seconds from now."""
    return int(time.time()) + seconds


def unsigned(issuer: Issuer, algorithm: str) -> str:
    header = {"alg": algorithm, "kid": "first"}
    return f"{part(header)}.{part(issuer.claims('me'))}."


def signed_by_the_public_key(issuer: Issuer) -> str:
    """Algorithm confusion: the public key, which anyone has, as HMAC secret (RFC 8725, 2.1)."""
    text = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(issuer.claims('me'))}"
    public = issuer.keys[0]
    assert isinstance(public, ECKey)
    secret = public.as_pem(private=False)
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def with_a_foreign_key(issuer: Issuer, **header: Any) -> str:
    return issuer.sign(issuer.claims("me"), new_key("first"), **header)


def changed(token: str) -> str:
    """Replace the claims with another subject's, under the same signature."""
    header, _, signature = token.split(".")
    return f"{header}.{part({'sub': 'admin'})}.{signature}"


REFUSED: dict[str, Callable[[Issuer], str]] = {
    "no algorithm": lambda issuer: unsigned(issuer, "none"),
    "no algorithm in other case": lambda issuer: unsigned(issuer, "nOnE"),
    "an unknown algorithm": lambda issuer: unsigned(issuer, "XS256"),
    "the public key as a secret": signed_by_the_public_key,
    "a key that is not the provider's": with_a_foreign_key,
    "another type of key": lambda issuer: issuer.sign(issuer.claims("me"), OTHER_RSA),
    "a foreign jku": lambda issuer: with_a_foreign_key(issuer, jku=f"{issuer.url}/jwks.json"),
    "a key brought along": lambda issuer: with_a_foreign_key(
        issuer, jwk=new_key("first").as_dict(private=False)
    ),
    "an unknown key id": lambda issuer: issuer.sign(issuer.claims("me"), kid="other"),
    "a key id that is no text": lambda issuer: f"{part({'alg': 'ES256', 'kid': [1]})}.e30.AAAA",
    "nothing critical": lambda issuer: issuer.sign(issuer.claims("me"), crit=[]),
    "a logout token": lambda issuer: issuer.sign(issuer.claims("me"), typ="logout+jwt"),
    "a proof of possession": lambda issuer: issuer.sign(issuer.claims("me"), typ="dpop+jwt"),
    "bound to a key": lambda issuer: issuer.token("me", cnf={"jkt": "x"}),
    "something critical": lambda issuer: issuer.sign(issuer.claims("me"), crit=["exp"], exp=1),
    "changed claims": lambda issuer: changed(issuer.token("me")),
    "another issuer": lambda issuer: issuer.token("me", iss="https://other.example"),
    "no issuer": lambda issuer: issuer.token("me", iss=None),
    "another audience": lambda issuer: issuer.token("me", aud="other"),
    "no audience": lambda issuer: issuer.token("me", aud=None),
    "an audience that is no text": lambda issuer: issuer.token("me", aud={"tests": 1}),
    "expired": lambda issuer: issuer.token("me", exp=after(-61)),
    "no expiry": lambda issuer: issuer.token("me", exp=None),
    "an expiry that is no number": lambda issuer: issuer.token("me", exp="never"),
    "an expiry without end": lambda issuer: issuer.token("me", exp=float("inf")),
    "not yet valid": lambda issuer: issuer.token("me", nbf=after(61)),
    "issued in the future": lambda issuer: issuer.token("me", iat=after(3600)),
    "no subject": lambda issuer: issuer.token("me", sub=None),
    "a subject that is no text": lambda issuer: issuer.token("me", sub=["me"]),
    "a subject with a surrogate": lambda issuer: issuer.token("me", sub="\ud800"),
    "oversized": lambda issuer: issuer.token("me", padding="x" * 8192),
    "two parts": lambda issuer: issuer.token("me").rpartition(".")[0],
    "five parts": lambda issuer: "a.b.c.d.e",
    "no base64": lambda issuer: "!.!.!",
    "no objects": lambda issuer: f"{part({'alg': 'ES256'})}.W10.AAAA",
    "deep nesting": lambda issuer: f"{'W1tb' * 1900}.e30.AAAA",
}
