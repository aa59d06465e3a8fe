"""JWKS: keys are cached, rotated, fetched within a deadline, and still used in an outage."""

import json
import time
from collections.abc import Iterator

import pytest
from joserfc.jwk import OctKey, RSAKey

from ...support.issuer import Issuer, new_key, running_issuer
from ...support.service import jwks


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def keys(issuer: Issuer) -> jwks.Keys:
    return jwks.Keys(f"{issuer.url}/jwks.json")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between fetches."""
    monkeypatch.setattr(jwks, "PAUSE", 0)


def found(keys: jwks.Keys, kid: str | None = "first", algorithm: str = "ES256") -> bool:
    return keys.find(kid, algorithm) is not None


def wait_for(issuer: Issuer, asked: int) -> None:
    """Wait until background fetches have reached the issuer `asked` times."""
    deadline = time.monotonic() + 5
    while issuer.asked < asked:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_keys_are_fetched_once_and_cached(keys: jwks.Keys, issuer: Issuer) -> None:
    assert [found(keys) for _ in range(3)] == [True] * 3
    assert issuer.asked == 1


@pytest.mark.usefixtures("impatient")
def test_new_key_is_fetched_at_its_first_token(keys: jwks.Keys, issuer: Issuer) -> None:
    assert found(keys)
    issuer.keys.append(new_key("second"))
    assert found(keys, "second")
    assert issuer.asked == 2


@pytest.mark.usefixtures("impatient")
def test_withdrawn_key_is_dropped(
    keys: jwks.Keys, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(keys)
    issuer.keys = [new_key("second")]
    monkeypatch.setattr(jwks, "FRESH", 0)
    assert found(keys), "the old key is used until the background fetch is done"
    wait_for(issuer, 2)
    deadline = time.monotonic() + 5
    while found(keys):
        assert time.monotonic() < deadline
    assert found(keys, "second")


def test_made_up_key_ids_do_not_trigger_repeated_fetches(keys: jwks.Keys, issuer: Issuer) -> None:
    assert not any(found(keys, f"made-up-{number}") for number in range(20))
    assert issuer.asked == 1


@pytest.mark.usefixtures("impatient")
def test_cached_keys_are_used_while_the_provider_fails(
    keys: jwks.Keys, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(keys)
    monkeypatch.setattr(jwks, "FRESH", 0)
    for status, body in ((500, None), (302, None), (200, b"{"), (200, b'{"keys": []}')):
        issuer.status, issuer.body = status, body
        asked = issuer.asked
        assert found(keys)
        wait_for(issuer, asked + 1)
    assert found(keys)


@pytest.mark.usefixtures("impatient")
def test_stale_keys_are_not_used(
    keys: jwks.Keys, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(keys)
    issuer.status = 500
    monkeypatch.setattr(jwks, "STALE", 0)
    with pytest.raises(jwks.KeysUnavailable):
        keys.find("first", "ES256")


def test_hanging_provider_is_abandoned_at_the_deadline(
    keys: jwks.Keys, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "DEADLINE", 0.1)
    issuer.answering.clear()
    started = time.monotonic()
    with pytest.raises(jwks.KeysUnavailable):
        keys.find("first", "ES256")
    assert time.monotonic() - started < 2


def test_oversized_key_set_is_rejected(keys: jwks.Keys, issuer: Issuer) -> None:
    issuer.body = issuer.answer() + b" " * jwks.MAX_BYTES
    with pytest.raises(jwks.KeysUnavailable):
        keys.find("first", "ES256")


def test_token_without_a_key_id_matches_only_a_sole_key(issuer: Issuer) -> None:
    assert found(jwks.Keys(f"{issuer.url}/jwks.json"), None)
    issuer.keys.append(new_key("second"))
    assert not found(jwks.Keys(f"{issuer.url}/jwks.json"), None)


def test_unsupported_keys_are_ignored() -> None:
    good = new_key("good").as_dict(private=False)
    bad = [
        {"kty": "LATTICE", "kid": "new"},
        {"kty": "EC", "kid": "half"},
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(),
        "text",
        None,
    ]
    parsed = jwks.parse(json.dumps({"keys": [*bad, good]}).encode())
    assert [key.kid for key in parsed] == ["good"]


def test_key_is_used_only_for_its_declared_use_and_algorithm(issuer: Issuer) -> None:
    issuer.keys = [
        RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"}),
        RSAKey.generate_key(2048, {"kid": "ps", "use": "sig", "alg": "PS256"}),
    ]
    keys = jwks.Keys(f"{issuer.url}/jwks.json")
    assert found(keys, "ps", "PS256")
    for kid, algorithm in (("enc", "RS256"), ("ps", "RS256"), ("ps", "ES256"), ("ps", "none")):
        assert not found(keys, kid, algorithm)
