"""Database faults: the client gets 503 within the deadline."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import OperationalError

from ...conftest import MakeApp
from ...support.scratch import Note, caller_of, engine_of, scratch_tables
from ...support.service import database, driver_errors

WITHIN = 20  # seconds; without its timeout, each of these requests would take longer

ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT 2 FROM n) SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT SLEEP(60)",
}
# Statements with which another connection kills this one.
KILL = {
    "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"),
    "mysql": ("SELECT CONNECTION_ID()", "KILL {}"),
}
READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET default_transaction_read_only = on",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
}


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    with scratch_tables(app) as engine:
        with engine.begin() as connection:
            connection.execute(insert(Note).values(id=1))
        yield engine


def client_of(app: Flask) -> FlaskClient:
    """Add routes that use the database, and return a client with a credential."""

    @app.get("/read")
    def read() -> Any:
        return jsonify(database.db.session.scalar(select(Note.number)))

    @app.post("/write")
    def write() -> Any:
        with database.transaction() as session:
            session.execute(update(Note).values(number=Note.number + 1))
        return jsonify("written")

    @app.get("/endless")
    def endless() -> Any:
        statement = ENDLESS[database.db.engine.dialect.name]
        return jsonify(database.db.session.scalar(text(statement)))

    client = caller_of(app)
    assert client.get("/read").status_code == 200
    return client


def assert_unavailable(client: FlaskClient, path: str, method: str) -> None:
    started = time.monotonic()
    answer = client.open(path, method=method)
    assert time.monotonic() - started < WITHIN
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0


def test_failure_to_connect_maps_to_503(make_app: MakeApp, app: Flask) -> None:
    nowhere = {
        "sqlite": "sqlite:////nowhere/service.db",
        "postgresql": "postgresql://127.0.0.1/nowhere?sslmode=perhaps",
        "mysql": "mysql://127.0.0.1/nowhere?ssl_ca=/nowhere",
    }
    engine = engine_of(make_app(database_url=nowhere[engine_of(app).dialect.name]))
    with pytest.raises(OperationalError) as caught:
        engine.connect()
    assert driver_errors.status_of(caught.value)[0] == 503


def test_connection_lost_after_the_last_statement_loses_no_response(
    make_app: MakeApp, engine: Engine
) -> None:
    if engine.dialect.name not in KILL:
        pytest.skip("SQLite connections cannot be lost")
    number, kill = KILL[engine.dialect.name]
    app = make_app()
    pool: Any = engine_of(app).pool

    @app.get("/left")
    def left() -> Any:
        with engine.begin() as connection:
            connection.execute(text(kill.format(database.db.session.scalar(text(number)))))
        return jsonify("left")

    client = client_of(app)
    assert client.get("/left").status_code == 200
    assert pool.checkedout() == 0
    assert client.get("/read").status_code == 200


def test_slow_statement_is_cancelled(make_app: MakeApp, engine: Engine) -> None:
    client = client_of(make_app(database_statement_timeout=0.5))
    assert_unavailable(client, "/endless", "GET")
    assert client.post("/write").status_code == 200


def test_database_call_is_cancelled_at_the_request_deadline(
    make_app: MakeApp, engine: Engine
) -> None:
    client = client_of(make_app(request_timeout=0.5))
    assert_unavailable(client, "/endless", "GET")
    assert client.post("/write").status_code == 200


def test_lock_wait_times_out(make_app: MakeApp, engine: Engine) -> None:
    client = client_of(make_app(database_lock_timeout=0.1))
    with engine.begin() as connection:
        connection.execute(update(Note).values(number=5))
        assert_unavailable(client, "/write", "POST")
    assert client.post("/write").status_code == 200
    assert client.get("/read").get_json() == 6


def test_reader_does_not_wait_for_a_writer(make_app: MakeApp, engine: Engine) -> None:
    client = client_of(make_app(database_lock_timeout=30))
    with engine.begin() as connection:
        connection.execute(update(Note).values(number=5))
        assert client.get("/read").get_json() == 0


def test_connection_released_in_time_is_used(make_app: MakeApp, engine: Engine) -> None:
    app = make_app(database_pool_size=1, database_pool_timeout=0.9)
    client = client_of(app)
    lent = engine_of(app).connect()
    threading.Timer(0.1, lent.close).start()
    assert client.get("/read").status_code == 200


def test_wait_for_an_exhausted_pool_times_out(make_app: MakeApp, engine: Engine) -> None:
    app = make_app(database_pool_size=1, database_pool_timeout=0.1)
    client = client_of(app)
    with engine_of(app).connect():
        assert_unavailable(client, "/read", "GET")
    assert client.get("/read").status_code == 200


def test_read_only_connection_is_discarded(make_app: MakeApp, engine: Engine) -> None:
    app = make_app(database_pool_size=1)
    client = client_of(app)
    with engine_of(app).connect() as connection:
        connection.execute(text(READ_ONLY[connection.dialect.name]))
        connection.commit()
    assert client.get("/read").status_code == 200
    assert_unavailable(client, "/write", "POST")
    assert client.post("/write").status_code == 200


def test_connection_checked_out_meanwhile_is_closed_on_return(
    make_app: MakeApp, engine: Engine
) -> None:
    app = make_app(database_pool_size=2)
    client = client_of(app)
    with engine_of(app).connect() as late, engine_of(app).connect() as connection:
        connection.execute(text(READ_ONLY[connection.dialect.name]))
        connection.commit()
        connection.close()
        assert_unavailable(client, "/write", "POST")
        driver = late.connection.dbapi_connection
        assert driver is not None
    with pytest.raises(late.dialect.loaded_dbapi.Error):
        driver.cursor().execute("SELECT 1")
