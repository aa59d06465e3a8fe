"""JWKS: fetches, caches and rotates the identity provider's public keys (RFC 7517)."""

import json
import threading
import time
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from ..http_client import ask

DEADLINE = 2.0  # maximum seconds that a request waits for keys
FRESH = 300.0  # seconds after which keys are fetched again; the old ones stay in use meanwhile
STALE = 86_400.0  # seconds that keys stay in use while the provider does not respond
PAUSE = 10.0  # seconds between fetches, even if tokens name made-up key IDs
MAX_BYTES = 262_144

# Asymmetric only: a public key must never be used as a shared secret (RFC 8725, 2.1 and 3.1).
KEY_TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}

_log = structlog.get_logger(__name__)


class KeysUnavailable(Exception):
    """The provider has not responded for so long that no token can be verified."""


class Keys:
    """The keys of one provider. Shared by all threads; one thread at a time fetches them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._asked = float("-inf")
        self._fetched = float("-inf")
        self._keys: list[Key] = []

    def find(self, kid: object, algorithm: str) -> Key | None:
        """Return the key with this ID for this algorithm, or None if there is none.

        Raises:
            KeysUnavailable: there are no keys, or they are too old to rely on.
        """
        found, age = self._of(kid, algorithm), self._age()
        if found is None or age > FRESH:
            done = self._ask()
            # Known keys stay in use meanwhile, so that a slow provider delays no request.
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
            # A token without a key ID is accepted only if the provider has exactly one key.
            return keys[0] if len(keys) == len(self._keys) == 1 else None
        return next((key for key in keys if key.kid == kid and _signs(key, algorithm)), None)

    def _ask(self) -> threading.Event:
        """Fetch in a separate thread, unless a fetch is running or was started within PAUSE."""
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
        except Exception as error:  # whatever went wrong, the old keys stay in use
            _log.warning("JWKS fetch failed", error=type(error).__name__)
        finally:
            done.set()

    def _download(self) -> bytes:
        """Return the provider's key set; follows no redirect and reads at most MAX_BYTES."""
        answer = ask("GET", self._url, seconds=DEADLINE, max_bytes=MAX_BYTES)
        if answer.status != 200:
            raise ValueError("unexpected status")
        return answer.body


def parse(body: bytes) -> list[Key]:
    """Return the keys of a set, ignoring those that are not understood (RFC 7517, section 5).

    Raises:
        ValueError: no key in the set can verify a token.
    """
    keys = [key for item in json.loads(body)["keys"] if (key := _key(item)) is not None]
    if not keys:
        raise ValueError("no usable key")
    return keys


def _key(item: Any) -> Key | None:
    try:
        key = JWKRegistry.import_key(item)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if key.key_type in KEY_TYPES.values() else None


def _signs(key: Key, algorithm: str) -> bool:
    return key.get("use") in (None, "sig") and key.get("alg") in (None, algorithm)
