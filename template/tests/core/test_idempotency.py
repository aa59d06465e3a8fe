"""Idempotency: a repeated key replays the first response, and the work is done once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import pytest
from flask import request
from flask.testing import FlaskClient
from sqlalchemy import event, insert
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ..conftest import PATIENCE, MakeApp
from ..support.scratch import caller_of, engine_of
from ..support.service import errors, idempotency, set_owner
from ..support.things import Things, records, send

ROW = {"owner": "o", "key": "k", "fingerprint": "", "status": 0, "headers": "", "body": ""}
CALLERS = 4


@pytest.fixture
def things(make_app: MakeApp) -> Things:
    return Things(make_app())


@pytest.fixture
def client(things: Things) -> FlaskClient:
    return caller_of(things.app)


def test_repeated_key_replays_the_first_response(things: Things, client: FlaskClient) -> None:
    first, second = send(client, "key"), send(client, "key")
    assert things.made == 1
    assert (second.status_code, second.get_json()) == (201, {"number": 1})
    for name in ("Content-Type", "Location", "ETag"):
        assert second.headers[name] == first.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"


def test_body_matches_in_any_member_order_and_layout(things: Things, client: FlaskClient) -> None:
    send(client, "key")
    headers = {"Idempotency-Key": "key", "Content-Type": "application/json"}
    again = client.post("/things", data=b' {"b":[2],\n"a":1}', headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("keys", [("one", "two"), ("key", "KEY"), (None, None)])
def test_requests_without_a_repeated_key_each_do_their_work(
    things: Things, client: FlaskClient, keys: tuple[str | None, str | None]
) -> None:
    assert [send(client, key).get_json()["number"] for key in keys] == [1, 2]


@pytest.mark.parametrize(("body", "path"), [({"a": 2}, "/things"), (None, "/others")])
def test_key_reused_for_another_request_is_rejected(
    things: Things, client: FlaskClient, body: Any, path: str
) -> None:
    send(client, "key")
    answer = send(client, "key", body, path)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert things.made == 1


def test_malformed_idempotency_key_is_rejected(things: Things, client: FlaskClient) -> None:
    for key in ("", " ", "a b", "a" * 256, "é", "a\tb"):
        answer = send(client, key)
        assert answer.status_code == 422, key
        assert answer.get_json()["errors"][0]["field"] == "Idempotency-Key"
    assert things.made == 0


def test_a_key_may_have_255_visible_characters(things: Things, client: FlaskClient) -> None:
    assert [send(client, "~!" * 127 + "x").status_code for _ in range(2)] == [201, 201]
    assert things.made == 1


def test_another_owner_with_the_same_key_gets_no_replay(
    things: Things, client: FlaskClient
) -> None:
    things.app.before_request(lambda: set_owner(request.headers["X-Owner"]))
    answers = [send(client, "key", owner=owner) for owner in ("one", "another", "one")]
    assert [answer.get_json()["number"] for answer in answers] == [1, 2, 1]


def fail(session: Session) -> NoReturn:
    raise ZeroDivisionError


def refuse(session: Session) -> NoReturn:
    raise errors.ProblemError(404)


def repeat(session: Session) -> None:
    session.execute(insert(idempotency.IdempotencyRecord), [ROW, ROW])


def omit(session: Session) -> None:
    session.execute(insert(idempotency.IdempotencyRecord), [ROW | {"key": None}])


@pytest.mark.parametrize(
    ("work", "refusal", "status"),
    [
        (fail, None, 500),
        (refuse, None, 404),
        (repeat, None, 409),
        (omit, None, 422),
        (bool, 409, 409),
    ],
    ids=["fails", "refuses", "makes a duplicate", "omits a value", "answers with a refusal"],
)
def test_only_successful_responses_are_kept(
    things: Things,
    client: FlaskClient,
    work: Callable[[Session], object],
    refusal: int | None,
    status: int,
) -> None:
    things.work, things.refusal = work, refusal
    assert send(client, "key").status_code == status
    assert records(things.app) == 0
    things.work, things.refusal = bool, None
    assert send(client, "key").status_code == 201
    assert send(client, "key").headers["Idempotency-Replayed"] == "true"


def test_concurrent_requests_with_one_key_do_the_work_once(
    things: Things, client: FlaskClient
) -> None:
    together = threading.Barrier(CALLERS)
    headers = dict(client.environ_base)

    @things.app.before_request
    def wait_for_the_others() -> None:
        together.wait(PATIENCE)

    def ask(_: int) -> TestResponse:
        own = things.app.test_client()
        own.environ_base = headers
        return send(own, "key")

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(ask, range(CALLERS)))
    assert [answer.status_code for answer in answers] == [201] * CALLERS
    assert [answer.get_json() for answer in answers] == [{"number": 1}] * CALLERS
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert sorted(replayed, key=str) == [None, "true", "true", "true"]
    assert things.made == 1


def test_request_overtaken_before_its_work_gets_the_first_response(make_app: MakeApp) -> None:
    things = Things(make_app(database_lock_timeout=0.1))
    client, other = caller_of(things.app), things.app.test_client()
    other.environ_base = client.environ_base
    overtaken: list[str] = []

    @event.listens_for(engine_of(things.app), "before_cursor_execute")
    def be_overtaken(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("DELETE") and not overtaken:
            overtaken.append(statement)
            with ThreadPoolExecutor(1) as thread:
                thread.submit(send, other, "key")  # rejected if writers wait for each other

    assert send(client, "key").status_code == 201
    assert overtaken
    assert things.made == 1
