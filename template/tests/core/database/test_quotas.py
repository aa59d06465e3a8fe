"""Quotas: settings limit each owner's rows and bytes per table; other owners do not count."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from ...conftest import MakeApp
from ...support.scratch import Note, Owned, scratch_tables
from ...support.service import database, errors, idempotency, quotas, set_owner


@pytest.fixture
def app_of_two(make_app: MakeApp) -> Iterator[Flask]:
    """An application that allows each owner two rows."""
    app = make_app(owner_max_rows=2)
    with scratch_tables(app), app.test_request_context():
        yield app


@pytest.fixture
def app_of_bytes(make_app: MakeApp) -> Iterator[Flask]:
    """An application that allows each owner 50 bytes."""
    app = make_app(owner_max_bytes=50)
    with scratch_tables(app), app.test_request_context():
        yield app


def create(owner: str, count: int = 1, **values: Any) -> None:
    set_owner(owner)
    with database.transaction() as session:
        session.add_all(Owned(owner=owner, **values) for _ in range(count))


@pytest.mark.usefixtures("app_of_two")
def test_owner_is_limited_to_owner_max_rows() -> None:
    create("a", 2)
    with pytest.raises(errors.ProblemError) as caught:
        create("a")
    assert caught.value.code == 403
    create("b")
    with pytest.raises(errors.ProblemError):
        create("b", 2)
    create("b")


@pytest.mark.usefixtures("app_of_two")
def test_deleting_a_row_makes_room() -> None:
    create("a", 2)
    with database.transaction() as session:
        session.execute(delete(Owned))
    create("a", 2)


@pytest.mark.usefixtures("app_of_two")
def test_unowned_and_expiring_rows_are_not_counted() -> None:
    set_owner("a")
    empty = {"fingerprint": "", "status": 0, "headers": "{}", "body": ""}
    with database.transaction() as session:
        session.add_all(Note() for _ in range(3))
        for key in ("1", "2", "3"):
            session.add(idempotency.IdempotencyRecord(owner="a", key=key, **empty))


def test_owner_is_limited_to_owner_max_bytes(app_of_bytes: Flask) -> None:
    create("a", text="é" * 10)
    create("a", data={"k": 1}, content=b"\0" * 3)
    create("b", text="x" * 40)
    with pytest.raises(errors.ProblemError) as caught:
        create("a", text="x" * 20)
    assert (caught.value.code, caught.value.detail) == (403, quotas.TOO_LONG)
    with database.transaction() as session:
        assert session.scalar(select(func.count(Owned.id))) == 3


def test_update_that_exceeds_the_byte_quota_is_rolled_back(app_of_bytes: Flask) -> None:
    create("a", text="x" * 20)

    def change(text: str) -> None:
        with database.transaction() as session:
            session.scalars(select(Owned)).one().text = text

    change("x" * 30)
    with pytest.raises(errors.ProblemError):
        change("x" * 60)
    with database.transaction() as session:
        assert session.scalars(select(Owned.text)).one() == "x" * 30


@pytest.mark.usefixtures("app_of_two")
def test_quota_can_be_checked_before_expensive_work() -> None:
    create("a")
    with database.transaction() as session:
        quotas.require_room(session, Owned)
    create("a")
    with database.transaction() as session, pytest.raises(errors.ProblemError):
        quotas.require_room(session, Owned)


def test_rows_are_unlimited_without_the_setting(make_app: MakeApp) -> None:
    app = make_app()
    with scratch_tables(app), app.test_request_context():
        create("a", 20)
