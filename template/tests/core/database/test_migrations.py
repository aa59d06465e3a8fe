"""Migrations: they upgrade and downgrade, match the models, and wait for each other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Unfinished

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from ...conftest import ROOT, MakeApp
from ...support.scratch import engine_of, scratch_database
from ...support.service import database, dependencies

FOLDER = str(ROOT / "migrations")
LONGER = 1.3  # seconds; MariaDB's driver adds one second to the statement timeout
LOCK = {
    "sqlite": "SELECT 1",  # in a transaction that holds the write lock
    "postgresql": "SELECT pg_advisory_xact_lock(4201771)",
    "mysql": "SELECT GET_LOCK('migrations-4201771', 1)",
}


@pytest.fixture
def empty_database() -> Iterator[str]:
    with scratch_database() as url:
        yield url


@pytest.fixture
def new_app(empty_database: str, make_app: MakeApp) -> Flask:
    """An application on a database without tables."""
    return make_app(database_url=empty_database)


def tables(app: Flask) -> set[str]:
    return set(inspect(engine_of(app)).get_table_names())


def test_migrations_go_up_down_and_up_again(new_app: Flask) -> None:
    models = set(database.Base.metadata.tables)
    with new_app.app_context():
        flask_migrate.upgrade(FOLDER)
        assert tables(new_app) == {*models, "alembic_version"}
        flask_migrate.downgrade(FOLDER, revision="base")
        assert tables(new_app) == {"alembic_version"}
        flask_migrate.upgrade(FOLDER)
        assert tables(new_app) == {*models, "alembic_version"}


def test_service_is_ready_only_while_its_database_is_migrated(
    new_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "FRESH", 0)
    client = new_app.test_client()
    assert client.get("/readyz").get_json()["detail"] == "Not ready: database."
    with new_app.app_context():
        flask_migrate.upgrade(FOLDER)
        assert client.get("/readyz").status_code == 200
        flask_migrate.downgrade(FOLDER, revision="base")
        assert client.get("/readyz").status_code == 503


def test_migrations_and_models_do_not_drift(new_app: Flask) -> None:
    with new_app.app_context():
        flask_migrate.upgrade(FOLDER)
        flask_migrate.check(FOLDER)


def test_check_detects_drift(new_app: Flask) -> None:
    with new_app.app_context():
        flask_migrate.upgrade(FOLDER)
        with engine_of(new_app).begin() as connection:
            connection.execute(text("ALTER TABLE idempotency_records ADD COLUMN stray INTEGER"))
        with pytest.raises(SystemExit):
            flask_migrate.check(FOLDER)


def test_revisions_have_a_single_head() -> None:
    assert len(ScriptDirectory(FOLDER).get_heads()) == 1


def test_upgrade_waits_for_another_despite_request_timeouts(
    new_app: Flask, make_app: MakeApp, empty_database: str
) -> None:
    timeouts = {"database_lock_timeout": 0.1, "database_statement_timeout": 0.1}
    waiting = make_app(database_url=empty_database, **timeouts)

    def upgrade() -> None:
        with waiting.app_context():
            flask_migrate.upgrade(FOLDER)

    engine = engine_of(new_app)
    with ThreadPoolExecutor(1) as thread:
        with engine.connect() as connection:
            connection.detach()
            connection.exec_driver_sql(LOCK[engine.dialect.name])
            done = thread.submit(upgrade)
            with pytest.raises(Unfinished):
                done.result(LONGER)
        done.result()
    assert tables(waiting) == {*database.Base.metadata.tables, "alembic_version"}
