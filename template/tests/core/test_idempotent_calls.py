"""Idempotent calls: slow work is done once per key, without holding a database connection."""

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient
from sqlalchemy import QueuePool, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ..conftest import PATIENCE, MakeApp
from ..support.apps import client_of
from ..support.scratch import engine_of
from ..support.service import database, errors, idempotency, idempotent_calls

CALLERS = 6
LONGEST = 30.0


class Work:
    """A route whose work can fail or be slow, and that counts how often the work is done."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.done = 0
        self.kept = 0
        self.fails: BaseException | None = None
        self.begun = threading.Semaphore(0)
        self.goes_on = threading.Event()
        self.goes_on.set()
        app.post("/jobs", endpoint="work")(self.view)

    def view(self) -> Response:
        return idempotent_calls.call_once(self.work, self.keep, LONGEST)

    def work(self) -> int:
        self.done += 1
        number = self.done
        self.begun.release()
        assert self.goes_on.wait(PATIENCE)
        if self.fails is not None:
            raise self.fails
        return number

    def keep(self, session: Session, number: int) -> Response:
        assert session.scalar(select(1)) == 1
        self.kept += 1
        response = jsonify(number=number)
        response.status_code = 201
        response.location = f"/jobs/{number}"
        return response


@pytest.fixture
def work(make_app: MakeApp) -> Iterator[Work]:
    work = Work(make_app())
    yield work
    work.goes_on.set()


@pytest.fixture
def caller(work: Work) -> FlaskClient:
    """A client of that application."""
    return client_of(work.app)


def send(caller: FlaskClient, key: str | None = "key") -> TestResponse:
    return caller.post("/jobs", headers={"Idempotency-Key": key} if key else {})


def same_caller(caller: FlaskClient) -> FlaskClient:
    """Another client with the same identity, for another thread."""
    client = caller.application.test_client()
    client.environ_base = caller.environ_base
    return client


def test_repeated_key_replays_the_response_of_slow_work(work: Work, caller: FlaskClient) -> None:
    first, second = send(caller), send(caller)
    assert (first.status_code, second.status_code, work.done) == (201, 201, 1)
    assert first.get_json() == second.get_json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"] == "/jobs/1"


def test_work_is_repeated_without_a_key_or_with_another_key(
    work: Work, caller: FlaskClient
) -> None:
    numbers = [send(caller, key).get_json()["number"] for key in (None, None, "a", "b")]
    assert numbers == [1, 2, 3, 4]


def test_malformed_key_is_rejected_before_any_work(work: Work, caller: FlaskClient) -> None:
    for key in ("x" * 256, "a b"):
        assert send(caller, key).status_code == 422
    assert work.done == 0


def test_no_database_connection_is_held_during_the_work(work: Work, caller: FlaskClient) -> None:
    work.goes_on.clear()
    pool = engine_of(work.app).pool
    assert isinstance(pool, QueuePool)
    with ThreadPoolExecutor(2) as callers:
        answers = [callers.submit(send, same_caller(caller), key) for key in (None, "key")]
        for _ in answers:
            assert work.begun.acquire(timeout=PATIENCE)
        assert pool.checkedout() == 0
        work.goes_on.set()
        assert [answer.result().status_code for answer in answers] == [201, 201]


def test_concurrent_requests_with_a_key_in_progress_are_rejected(
    work: Work, caller: FlaskClient
) -> None:
    work.goes_on.clear()
    with ThreadPoolExecutor(CALLERS) as callers:
        first = callers.submit(send, same_caller(caller))
        assert work.begun.acquire(timeout=PATIENCE)
        others = [callers.submit(send, same_caller(caller)) for _ in range(CALLERS - 1)]
        refused = [other.result() for other in others]
        work.goes_on.set()
        assert first.result().status_code == 201
    assert {answer.status_code for answer in refused} == {409}
    assert int(refused[0].headers["Retry-After"]) > 0
    assert (work.done, work.kept) == (1, 1)
    assert send(caller).headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("failure", [errors.ProblemError(502), ValueError()])
def test_failed_work_may_be_retried_with_the_same_key(
    work: Work, caller: FlaskClient, failure: BaseException
) -> None:
    work.fails = failure
    assert send(caller).status_code in (500, 502)
    work.fails = None
    assert send(caller).status_code == 201
    assert (work.done, work.kept) == (2, 1)


def test_key_held_by_a_killed_process_expires(work: Work, caller: FlaskClient) -> None:
    work.fails = KeyboardInterrupt()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(idempotent_calls, "_let_go", lambda *_: False)
        with pytest.raises(KeyboardInterrupt):
            send(caller)
    work.fails = None
    assert send(caller).status_code == 409
    with work.app.app_context(), database.transaction() as session:
        age = dt.timedelta(seconds=LONGEST + idempotent_calls.MARGIN)
        old = database.now() - age
        session.execute(update(idempotency.IdempotencyRecord).values(created_at=old))
    assert send(caller).status_code == 201
    assert send(caller).headers["Idempotency-Replayed"] == "true"
