"""API keys: only digests are stored, keys end on time, and recording a use fails no request."""

import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask, jsonify
from sqlalchemy import event, select, update
from structlog.testing import capture_logs

from ...conftest import MakeApp
from ...support.scratch import caller_of, engine_of
from ...support.service import api_keys, bearer, database

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NOWHERE = "/nothing"
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def make(name: str = "robot", lifetime: dt.timedelta | None = DAY) -> str:
    with database.transaction() as session:
        return api_keys.create(session, name, lifetime)


def rotate(name: str = "robot", overlap: dt.timedelta = HOUR) -> str:
    with database.transaction() as session:
        return api_keys.rotate(session, name, DAY, overlap)


def revoke(name: str = "robot") -> int:
    with database.transaction() as session:
        return api_keys.revoke(session, name)


def prune(age: dt.timedelta) -> int:
    with database.transaction() as session:
        return api_keys.prune(session, age)


def rows() -> list[api_keys.ApiKey]:
    with database.transaction() as session:
        return list(session.scalars(select(api_keys.ApiKey).order_by(api_keys.ApiKey.id)))


def change(**values: Any) -> None:
    with database.transaction() as session:
        session.execute(update(api_keys.ApiKey).values(**values))


def test_only_prefix_and_digest_of_a_key_are_stored() -> None:
    key = make()
    [row] = rows()
    assert key.startswith(f"sk_{row.prefix}_")
    assert row.digest == hashlib.sha256(key.encode()).hexdigest()
    secret = key.removeprefix(f"sk_{row.prefix}_")
    assert len(secret) == 43
    columns = api_keys.ApiKey.__table__.columns.keys()
    assert not [name for name in columns if secret in str(getattr(row, name))]


def test_valid_key_identifies_its_owner() -> None:
    key = make()
    assert api_keys.verify(key) == rows()[0].owner


def test_keys_are_unique_and_each_name_has_its_own_owner() -> None:
    keys = [make("one"), make("another"), rotate("one")]
    assert len(set(keys)) == len({row.prefix for row in rows()}) == 3
    one, another, next_of_one = map(api_keys.verify, keys)
    assert one == next_of_one != another


def test_taken_or_unknown_name_is_rejected() -> None:
    make()
    revoke()
    with pytest.raises(api_keys.KeyNameError):
        make()
    for work in (rotate, revoke):
        with pytest.raises(api_keys.KeyNameError):
            work("nobody")


@pytest.mark.parametrize(("lifetime", "state"), [(-HOUR, "expired"), (None, "active")])
def test_expired_key_is_rejected(lifetime: dt.timedelta | None, state: str) -> None:
    key = make(lifetime=lifetime)
    [row] = rows()
    assert row.state == state
    assert api_keys.verify(key) == (row.owner if state == "active" else None)


def test_revoked_key_is_rejected() -> None:
    key = make()
    assert [revoke(), revoke()] == [1, 0]
    assert rows()[0].state == "revoked"
    assert api_keys.verify(key) is None


def test_rotation_keeps_the_owner_and_overlaps_the_old_key() -> None:
    old = make()
    owner = api_keys.verify(old)
    new = rotate(overlap=HOUR)
    assert api_keys.verify(old) == api_keys.verify(new) == owner
    expires_at = rows()[0].expires_at
    assert expires_at is not None
    assert abs(expires_at - database.now() - HOUR) < dt.timedelta(minutes=1)


def test_rotation_without_overlap_ends_the_old_key_immediately() -> None:
    old = make(lifetime=None)
    new = rotate(overlap=dt.timedelta())
    assert api_keys.verify(old) is None
    assert api_keys.verify(new)


def test_rotation_never_extends_or_revives_a_key() -> None:
    make(lifetime=HOUR)
    soon = rows()[0].expires_at
    rotate(overlap=DAY)
    assert rows()[0].expires_at == soon
    change(expires_at=LONG_AGO)
    rotate(overlap=DAY)
    assert [row.state for row in rows()] == ["expired", "expired", "active"]


def test_prune_deletes_keys_that_ended_before_the_given_age() -> None:
    make("revoked")
    make("expired", -2 * DAY)
    make("recent", -HOUR)
    revoke("revoked")
    make("active")
    make("for ever", None)
    assert prune(DAY) == 1
    assert prune(dt.timedelta()) == 2
    assert [row.name for row in rows()] == ["active", "for ever"]


@pytest.mark.parametrize("known", [True, False])
def test_digest_is_compared_in_constant_time_even_for_unknown_prefix(
    monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    prefix = make().split("_")[1] if known else "0" * 12
    compared = []
    compare = hmac.compare_digest

    def spy(one: str, another: str) -> bool:
        compared.append((len(one), len(another)))
        return compare(one, another)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    assert api_keys.verify(f"sk_{prefix}_{'a' * 43}") is None
    assert compared == [(64, 64)]


def test_last_use_is_recorded_at_most_hourly() -> None:
    key = make()
    assert rows()[0].last_used_at is None
    api_keys.verify(key)
    noted = rows()[0].last_used_at
    assert noted is not None
    api_keys.verify(key)
    assert rows()[0].last_used_at == noted
    change(last_used_at=LONG_AGO)
    api_keys.verify(key)
    again = rows()[0].last_used_at
    assert again is not None
    assert again >= noted


def test_failure_to_record_a_use_is_logged_and_fails_no_request(
    app: Flask, make_app: MakeApp
) -> None:
    key = make()
    impatient = make_app(database_lock_timeout=0.1)
    with engine_of(app).begin() as connection:
        connection.execute(update(api_keys.ApiKey).values(name="held"))
        with impatient.app_context(), capture_logs() as lines:
            assert api_keys.verify(key)
    assert [line["event"] for line in lines] == ["last use of a key not recorded"]
    assert rows()[0].last_used_at is None


def test_a_verified_request_starts_without_a_transaction(make_app: MakeApp) -> None:
    app = make_app()

    @app.get("/state")
    def state() -> Any:
        return jsonify(database.db.session().in_transaction())

    caller = caller_of(app)
    assert [caller.get("/state").get_json() for _ in range(2)] == [False, False]


def test_address_over_its_limit_costs_few_lookups_and_known_keys_work(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "ATTEMPTS", 2.0)
    app = make_app(ratelimit_default="2 per minute")
    key = {"Authorization": f"Bearer {make()}"}
    client = app.test_client()
    assert client.get(NOWHERE, headers=key).status_code == 404
    assert [client.get(NOWHERE).status_code for _ in range(3)] == [404, 404, 429]
    asked: list[str] = []

    @event.listens_for(engine_of(app), "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    started = time.monotonic()
    for number in range(50):
        guess = {"Authorization": f"Bearer sk_{number:012x}_{'a' * 43}"}
        assert client.get(NOWHERE, headers=guess).status_code == 429
    assert 2 <= len(asked) <= min(40, 3 + 2 * (time.monotonic() - started))
    assert client.get(NOWHERE, headers=key).status_code == 404


def test_attempts_refill_and_recent_valid_credentials_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bearer, "REMEMBERED", 2)
    with patch.object(time, "monotonic", return_value=0.0) as clock:
        attempts = bearer.Attempts()
        assert [attempts.may_be_made("a") for _ in range(11)] == [True] * 10 + [False]
        clock.return_value = 0.25
        assert [attempts.may_be_made("a") for _ in range(3)] == [True, True, False]
        for claimed in "abc":
            attempts.note_right(claimed)
        assert [attempts.may_be_made(claimed) for claimed in "cba"] == [True, True, False]
