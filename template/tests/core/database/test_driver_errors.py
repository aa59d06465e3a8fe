"""Driver errors: the same database error gives the same HTTP status on all three engines."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import exc, text
from sqlalchemy.orm.exc import StaleDataError

from ...conftest import MakeApp
from ...support.apps import Log, client_of, written_log
from ...support.service import database, driver_errors, errors

CANARY = "canary-of-a-value"


class Refusal(Exception):
    """An exception as a driver raises it: its arguments, and the engine's error code, if any."""

    def __init__(self, *arguments: object, **codes: str) -> None:
        super().__init__(*arguments)
        vars(self).update(codes)


@pytest.mark.parametrize(
    ("kind", "refusal", "status"),
    [
        # PostgreSQL
        (exc.IntegrityError, Refusal(sqlstate="23505"), 409),
        (exc.IntegrityError, Refusal(sqlstate="23502"), 422),
        (exc.DataError, Refusal(sqlstate="22003"), 422),
        (exc.InternalError, Refusal(sqlstate="25006"), 503),
        (exc.OperationalError, Refusal(sqlstate="57014"), 503),
        (exc.ProgrammingError, Refusal(sqlstate="42P01"), 500),
        (exc.InternalError, Refusal(sqlstate="XX000"), 500),
        # MariaDB
        (exc.IntegrityError, Refusal(1062, CANARY, sqlstate="23000"), 409),
        (exc.IntegrityError, Refusal(1048, CANARY, sqlstate="HY000"), 422),
        (exc.OperationalError, Refusal(4025, CANARY, sqlstate="HY000"), 422),
        (exc.OperationalError, Refusal(1290, CANARY, sqlstate="HY000"), 503),
        (exc.OperationalError, Refusal(1205, CANARY, sqlstate="HY000"), 503),
        (exc.InternalError, Refusal(1020, CANARY, sqlstate="HY000"), 503),
        (exc.OperationalError, Refusal(1054, CANARY, sqlstate="HY000"), 500),
        (exc.InterfaceError, Refusal(0, CANARY), 503),
        # SQLite
        (exc.IntegrityError, Refusal(sqlite_errorname="SQLITE_CONSTRAINT_UNIQUE"), 409),
        (exc.IntegrityError, Refusal(sqlite_errorname="SQLITE_CONSTRAINT_PRIMARYKEY"), 409),
        (exc.IntegrityError, Refusal(sqlite_errorname="SQLITE_CONSTRAINT_CHECK"), 422),
        (exc.OperationalError, Refusal(sqlite_errorname="SQLITE_READONLY"), 503),
        (exc.OperationalError, Refusal(sqlite_errorname="SQLITE_BUSY"), 503),
        (exc.OperationalError, Refusal(sqlite_errorname="SQLITE_ERROR"), 500),
        # No error code
        (exc.OperationalError, Refusal(CANARY), 503),
        (exc.DatabaseError, Refusal(), 500),
    ],
)
def test_each_driver_error_has_a_status(
    kind: type[exc.DBAPIError], refusal: Refusal, status: int
) -> None:
    assert driver_errors.status_of(kind("statement", {}, refusal))[0] == status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StaleDataError(), 412),
        (exc.TimeoutError(), 503),
        (exc.DatabaseError("", {}, Refusal(), connection_invalidated=True), 503),
        (exc.InvalidRequestError(), 500),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_sqlalchemy_error_has_a_status(error: exc.SQLAlchemyError, status: int) -> None:
    assert driver_errors.status_of(error) == (status, "")


def insert(**changes: object) -> None:
    """Insert a row into a table that every service has."""
    row: dict[str, object] = {
        "owner": CANARY,
        "key": CANARY,
        "fingerprint": "0" * 64,
        "status": 201,
        "headers": "{}",
        "body": "",
        "created_at": database.now(),
    }
    table = database.Base.metadata.tables["idempotency_records"]
    with database.transaction() as session:
        session.execute(table.insert(), row | changes)


def insert_twice() -> None:
    insert()
    insert()


def take_two_connections() -> None:
    with database.db.engine.connect(), database.db.engine.connect():
        pass


Do = Callable[[], Any]
Asked = tuple[FlaskClient, Log]


@pytest.fixture
def asked(make_app: MakeApp, credential: dict[str, str]) -> Callable[[Do], Asked]:
    """Makes an application whose POST /do calls a function; returns a client and the log."""

    def ask(do: Do) -> Asked:
        with written_log() as log:
            app = make_app(log_level="WARNING", database_pool_size=1, database_pool_timeout=0.1)
        app.add_url_rule("/do", "do", lambda: do() or "done", methods=["POST"])
        return client_of(app, credential), log

    return ask


@pytest.mark.parametrize(
    ("do", "status"),
    [
        (insert_twice, 409),
        (lambda: insert(body=None), 422),
        (take_two_connections, 503),
        (lambda: database.db.session.execute(text("SELECT 1 FROM nowhere")), 500),
        (lambda: insert(created_at=database.now().replace(tzinfo=None)), 500),
    ],
    ids=["duplicate", "null", "no free connection", "no such table", "naive"],
)
def test_error_from_the_real_database_is_sent_as_a_problem(
    asked: Callable[[Do], Asked], do: Do, status: int
) -> None:
    client, log = asked(do)
    for _ in range(2):  # the second request shows that the first released its connection
        answer = client.post("/do")
        assert answer.status_code == status
        assert answer.get_json()["detail"] == errors.DETAILS[status]
        assert ("Retry-After" in answer.headers) is (status == 503)
        assert CANARY not in answer.text
    assert CANARY not in log.getvalue()
    noted = [line for line in log.lines() if line["message"] == "database error"]
    level = "error" if status >= 500 else "warning"
    assert [(line["status"], line["level"]) for line in noted] == [(status, level)] * 2


def test_too_long_text_gets_422_except_on_sqlite(asked: Callable[[Do], Asked]) -> None:
    client, _ = asked(lambda: insert(owner=CANARY * 10))
    with client.application.app_context():
        # SQLite enforces no column length, so a schema has to.
        status = 200 if database.db.engine.name == "sqlite" else 422
    assert client.post("/do").status_code == status
