"""Keys: the identity provider's public keys (JWKS, RFC 7517), fetched, kept and rotated."""

import json
import threading
import time
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from ..http_client import ask

DEADLINE = 2.0  # seconds that a request waits for keys at most
FRESH = 300.0  # seconds after which keys are fetched again, while the old ones serve on
STALE = 86_400.0  # seconds that keys serve while the provider does not answer
PAUSE = 10.0  # seconds between fetches; made-up key ids cannot make us ask more often
MAX_BYTES = 262_144

# Asymmetric alone: a public key must never serve as a shared secret (RFC 8725, 2.1 and 3.1).
KEY_TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}

_log = structlog.get_logger(__name__)


class KeysUnavailable(Exception):
    """The provider has not answered for so long that nothing can be verified."""


class Keys:
    """The keys of one provider, asked by one thread at a time; shared by all threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._asked = float("-inf")
        self._fetched = float("-inf")
        self._keys: list[Key] = []

    def find(self, kid: object, algorithm: str) -> Key | None:
        """The key that signs with this algorithm under this id; None where there is none.

        Raises:
            KeysUnavailable: there are no keys that could tell.
        """
        found, age = self._of(kid, algorithm), self._age()
        if found is None or age > FRESH:
            done = self._ask()
            # Known keys serve on meanwhile: a slow provider delays nobody.
            if (found is None or age > STALE) and done.wait(DEADLINE):
                found = self._of(kid, algorithm)
        if self._age() > STALE:
            raise KeysUnavailable
        return found

    def _age(self) -> float:
        return time.monotonic() - self._fetched

    def _of(self, kid: object, algorithm: str) -> Key | None:
        keys = [key for key in self._keys if key.key_type == KEY_TYPES.get(algorithm)]
        if kid is None:
            # A token that names no key can be of the only one alone.
            return keys[0] if len(keys) == len(self._keys) == 1 else None
        return next((key for key in keys if key.kid == kid and _signs(key, algorithm)), None)

    def _ask(self) -> threading.Event:
        """Fetch in a thread of its own, unless that goes on or was tried a moment ago."""
        with self._lock:
            if time.monotonic() - self._asked >= PAUSE:
                self._asked = time.monotonic()
                self._done = threading.Event()
                threading.Thread(target=self._fetch, args=(self._done,), daemon=True).start()
            return self._done

    def _fetch(self, done: threading.Event) -> None:
        try:
            self._keys = parse(self._download())
            self._fetched = time.monotonic()
        except Exception as error:  # whatever the network or the provider does: the old ones serve
            _log.warning("keys not fetched", error=type(error).__name__)
        finally:
            done.set()

    def _download(self) -> bytes:
        """The provider's answer; no redirect is followed, and no more read than it may hold."""
        answer = ask("GET", self._url, seconds=DEADLINE, max_bytes=MAX_BYTES)
        if answer.status != 200:
            raise ValueError("no key set")
        return answer.body


def parse(body: bytes) -> list[Key]:
    """The keys of a set, without those that are not understood (RFC 7517, section 5).

    Raises:
        ValueError: there is none that could verify a token.
    """
    keys = [key for item in json.loads(body)["keys"] if (key := _key(item)) is not None]
    if not keys:
        raise ValueError("no key that verifies")
    return keys


def _key(item: Any) -> Key | None:
    try:
        key = JWKRegistry.import_key(item)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if key.key_type in KEY_TYPES.values() else None


def _signs(key: Key, algorithm: str) -> bool:
    return key.get("use") in (None, "sig") and key.get("alg") in (None, algorithm)
