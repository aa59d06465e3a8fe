"""A 409 names the fields whose values another row already has."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from ...support.scratch import Note, Owned, Scratch, scratch_tables
from ...support.service import duplicates

TAKEN = "it's ' for key 'uq_other'"


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    with scratch_tables(app) as engine:
        yield engine


def test_columns_of_the_violated_constraint_are_found_whatever_the_value(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(Note), [{"id": 1, "text": TAKEN[:20]}])
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert(Note), [{"id": 2, "text": TAKEN[:20]}])
    assert duplicates.duplicate_columns(caught.value, Scratch.metadata) == ["text"]


def test_other_violations_name_no_column(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert(Owned), [{"id": 1, "owner": None}])
    assert duplicates.duplicate_columns(caught.value, Scratch.metadata) == []
