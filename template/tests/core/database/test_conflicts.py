"""Conflicts: a transaction that conflicts with another is retried, not lost or rejected."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ...conftest import PATIENCE, MakeApp
from ...support.scratch import Note, caller_of, scratch_tables
from ...support.service import database


class Conflict(Exception):
    """A serialization failure, as a driver reports it."""

    sqlstate = "40001"


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    with scratch_tables(app) as engine:
        with engine.begin() as connection:
            connection.execute(insert(Note), [{"id": 1}, {"id": 2}])
        yield engine


def test_deadlocked_transactions_are_retried(make_app: MakeApp, engine: Engine) -> None:
    """On SQLite the second transaction times out waiting for the first; elsewhere they deadlock."""
    is_sqlite = engine.dialect.name == "sqlite"
    app = make_app(database_lock_timeout=1.0 if is_sqlite else PATIENCE)
    in_each_others_way = threading.Event()
    tries: list[int] = []
    held: list[int] = []

    @database.transactional
    def count(session: Session, first: int, second: int) -> None:
        tries.append(first)
        if len(tries) > 2:
            in_each_others_way.set()
        session.execute(update(Note).where(Note.id == first).values(number=Note.number + 1))
        held.append(first)
        if len(held) == 2:
            in_each_others_way.set()
        assert in_each_others_way.wait(PATIENCE)
        session.execute(update(Note).where(Note.id == second).values(number=Note.number + 1))

    def run(first: int, second: int) -> None:
        with app.app_context():
            count(first, second)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, 1, 2), pool.submit(run, 2, 1)]:
            done.result(PATIENCE)
    assert len(tries) > 2
    with engine.connect() as connection:
        assert list(connection.scalars(select(Note.number))) == [2, 2]


def test_transaction_that_always_conflicts_is_given_up(app: Flask) -> None:
    tries: list[int] = []

    @database.transactional
    def work(session: Session) -> None:
        tries.append(1)
        raise OperationalError("statement", {}, Conflict())

    with app.app_context(), pytest.raises(OperationalError):
        work()
    assert len(tries) == 1 + database.RETRIES


def test_no_retry_starts_that_the_deadline_would_interrupt(make_app: MakeApp) -> None:
    tries: list[int] = []
    app = make_app(request_timeout=1.0)

    @app.get("/conflict")
    @database.transactional
    def work(session: Session) -> str:
        tries.append(1)
        raise OperationalError("statement", {}, Conflict())

    answer = caller_of(app).get("/conflict")
    assert (answer.status_code, len(tries)) == (503, 1)
    assert int(answer.headers["Retry-After"]) > 0


def test_other_errors_are_not_retried(app: Flask) -> None:
    tries: list[int] = []

    @database.transactional
    def work(session: Session) -> None:
        tries.append(1)
        raise OperationalError("statement", {}, Exception("gone"))

    with app.app_context(), pytest.raises(OperationalError):
        work()
    assert len(tries) == 1
