"""Database: transactions, and round trips of stored values, on the project's own engine."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from flask import Flask
from sqlalchemy import Engine, QueuePool, insert, inspect, select
from sqlalchemy.exc import DataError, IntegrityError, StatementError
from structlog.testing import capture_logs

from ...conftest import MakeApp
from ...support.scratch import Note, Reply, engine_of, scratch_tables
from ...support.service import database

INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
PREFIXES = {"pk_", "uq_", "ck_", "fk_", "ix_"}
CONNECTION: dict[str, dict[str, object]] = {
    "sqlite": {
        "PRAGMA journal_mode": "wal",
        "PRAGMA foreign_keys": 1,
        "PRAGMA busy_timeout": 1500,
        "PRAGMA synchronous": 1,
        "PRAGMA trusted_schema": 0,
    },
    "postgresql": {
        "SHOW statement_timeout": "2500ms",
        "SHOW lock_timeout": "1500ms",
        "SHOW idle_in_transaction_session_timeout": "5s",
        "SHOW timezone": "UTC",
    },
    "mysql": {
        "SELECT @@max_statement_time": 2.5,
        "SELECT @@innodb_lock_wait_timeout": 2,
        "SELECT @@lock_wait_timeout": 2,
        "SELECT @@time_zone": "+00:00",
        "SELECT @@character_set_connection": "utf8mb4",
        "SELECT FIND_IN_SET('STRICT_ALL_TABLES', @@sql_mode) > 0": 1,
    },
}


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    with scratch_tables(app) as engine:
        yield engine


def stored(engine: Engine, column: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.scalars(select(column)))


def in_use(engine: Engine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


def test_transaction_commits_and_releases_its_connection(app: Flask, engine: Engine) -> None:
    with app.app_context():
        with database.transaction() as session:
            session.add(Note(text="kept"))
            session.flush()
            assert in_use(engine) == 1
        assert in_use(engine) == 0
        assert list(session) == []
    assert stored(engine, Note.text) == ["kept"]


def test_json_is_stored_up_to_the_length_of_its_column(app: Flask, engine: Engine) -> None:
    longest = {"a": "x" * (20 - len('{"a":""}'))}
    with app.app_context():
        with database.transaction() as session:
            session.add(Note(data=longest))
        too_long = pytest.raises(StatementError, match="exceeds 20 bytes")
        with too_long, database.transaction() as session:
            session.add(Note(data={"a": longest["a"] + "x"}))
    assert stored(engine, Note.data) == [longest]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_any_error_rolls_back_releases_the_connection_and_is_logged(
    app: Flask, engine: Engine, error: type[BaseException]
) -> None:
    def fail() -> NoReturn:
        with database.transaction() as session:
            session.execute(insert(Note).values(text="lost"))
            raise error

    with app.app_context():
        with capture_logs() as lines, pytest.raises(error):
            fail()
        assert in_use(engine) == 0
    assert stored(engine, Note.text) == []
    [line] = lines
    assert (line["event"], line["error"]) == ("transaction rolled back", error.__name__)


def test_failed_commit_is_rolled_back(app: Flask, engine: Engine) -> None:
    def repeat() -> None:
        with database.transaction() as session:
            session.execute(insert(Note), [{"text": "twice"}, {"text": "twice"}])

    with app.app_context():
        with pytest.raises(IntegrityError):
            repeat()
        assert in_use(engine) == 0
    assert stored(engine, Note.text) == []


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(2026, 2, 28, 12, 30, 15, 678_901, dt.UTC),
        dt.datetime(1970, 1, 1, 5, 30, 0, 1, INDIA),
        dt.datetime(9999, 12, 30, 23, 59, 59, 999_999, dt.UTC),
    ],
    ids=str,
)
def test_aware_date_time_is_returned_in_utc_to_the_microsecond(
    engine: Engine, moment: dt.datetime
) -> None:
    with engine.begin() as connection:
        connection.execute(insert(Note).values(moment=moment))
    [back] = stored(engine, Note.moment)
    assert back == moment
    assert back.utcoffset() == dt.timedelta(0)
    with engine.connect() as connection:
        assert connection.scalar(select(Note.id).where(Note.moment == moment))


def test_null_date_time_stays_none(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(Note).values(moment=None))
    assert stored(engine, Note.moment) == [None]


def test_naive_date_time_is_rejected(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(StatementError, match="naive"):
        connection.execute(insert(Note).values(moment=dt.datetime(2026, 1, 1)))


def test_text_is_kept_and_compared_exactly(engine: Engine) -> None:
    texts = ["a", "A", "a ", " a", "á", "a\u0301", "ss", "ß", "😀", "😁", "", " "]
    with engine.begin() as connection:
        connection.execute(insert(Note), [{"text": text} for text in texts])
        for text in texts:
            found = connection.scalars(select(Note.text).where(Note.text == text))
            assert found.all() == [text]


def test_url_parameters_cannot_change_the_text_encoding(make_app: MakeApp, engine: Engine) -> None:
    odd = {
        "sqlite": {},
        "postgresql": {"client_encoding": "latin1"},
        "mysql": {"charset": "latin1"},
    }
    url = engine.url.update_query_dict(odd[engine.dialect.name])
    other = engine_of(make_app(database_url=url.render_as_string(hide_password=False)))
    with other.begin() as connection:
        connection.execute(insert(Note).values(text="日本 😀"))
    assert stored(engine, Note.text) == stored(other, Note.text) == ["日本 😀"]


def test_too_long_text_is_never_truncated(engine: Engine) -> None:
    text = "x" * 21
    with contextlib.suppress(DataError), engine.begin() as connection:
        connection.execute(insert(Note).values(text=text))
    assert stored(engine, Note.text) in ([], [text])


def test_dangling_foreign_key_is_rejected(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(insert(Reply).values(note_id=7))


def test_each_connection_has_its_timeouts_and_modes_set(make_app: MakeApp) -> None:
    app = make_app(database_statement_timeout=2.5, database_lock_timeout=1.5)
    engine = engine_of(app)
    expected = CONNECTION[engine.dialect.name]
    with engine.connect() as connection:
        told = {name: connection.exec_driver_sql(name).scalar() for name in expected}
    assert told == expected


def test_constraint_and_index_names_follow_the_convention(app: Flask) -> None:
    inspector = inspect(engine_of(app))
    for table in database.Base.metadata.sorted_tables:
        assert {str(constraint.name)[:3] for constraint in table.constraints} <= PREFIXES
        found = [*inspector.get_indexes(table.name), *inspector.get_unique_constraints(table.name)]
        assert {str(item["name"])[:3] for item in found} <= PREFIXES
