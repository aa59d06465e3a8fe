"""Quotas: an owner has as many rows in a table as the setting says, and no other owner's count."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete

from .conftest import MakeApp
from .scratch import Note, Owned, scratch_tables
from .service import database, errors, idempotency, identity


@pytest.fixture
def app_of_two(make_app: MakeApp) -> Iterator[Flask]:
    """Two rows for each owner."""
    app = make_app(owner_max_rows=2)
    with scratch_tables(app), app.test_request_context():
        yield app


def create(owner: str, count: int = 1) -> None:
    identity.set_owner(owner)
    with database.transaction() as session:
        session.add_all(Owned(owner=owner) for _ in range(count))


@pytest.mark.usefixtures("app_of_two")
def test_an_owner_has_as_many_rows_as_the_setting_says() -> None:
    create("a", 2)
    with pytest.raises(errors.ProblemError) as caught:
        create("a")
    assert caught.value.code == 403
    create("b")
    with pytest.raises(errors.ProblemError):
        create("b", 2)
    create("b")


@pytest.mark.usefixtures("app_of_two")
def test_a_row_that_is_deleted_leaves_room() -> None:
    create("a", 2)
    with database.transaction() as session:
        session.execute(delete(Owned))
    create("a", 2)


@pytest.mark.usefixtures("app_of_two")
def test_rows_of_nobody_and_those_that_end_by_themselves_are_not_counted() -> None:
    identity.set_owner("a")
    empty = {"fingerprint": "", "status": 0, "headers": "{}", "body": ""}
    with database.transaction() as session:
        session.add_all(Note() for _ in range(3))
        for key in ("1", "2", "3"):
            session.add(idempotency.IdempotencyRecord(owner="a", key=key, **empty))


def test_without_the_setting_there_may_be_any_number(make_app: MakeApp) -> None:
    app = make_app()
    with scratch_tables(app), app.test_request_context():
        create("a", 20)
