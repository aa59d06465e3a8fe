"""Concurrency: processes can migrate one database at the same time, and lose no update."""

import os
import secrets
import threading
import time
from typing import Any

from flask import Flask
from flask.cli import cli
from sqlalchemy import insert, inspect, select, update

from ...conftest import ROOT, MakeApp, as_variables, part_settings
from ...support.parallel import exit_codes
from ...support.scratch import Note, engine_of, scratch_database, scratch_tables
from ...support.service import create_app, database, settings

PROCESSES, THREADS, TIMES = 2, 4, 10
REPLICAS = 4


def test_parallel_upgrades_of_an_empty_database_all_succeed(make_app: MakeApp) -> None:
    with scratch_database() as url:
        assert exit_codes(REPLICAS, flask_db_upgrade, url) == [0] * REPLICAS
        engine = engine_of(make_app(database_url=url))
        found = set(inspect(engine).get_table_names())
        engine.dispose()
    assert found == {*database.Base.metadata.tables, "alembic_version"}


def flask_db_upgrade(url: str) -> None:
    """Run `flask db upgrade` in this process, as each replica does when it is deployed."""
    os.chdir(ROOT)
    os.environ |= {"APP_ENV": "testing", "SECRET_KEY": secrets.token_hex(32), "DATABASE_URL": url}
    os.environ.setdefault("RATELIMIT_STORAGE_URI", "memory://")
    os.environ |= as_variables(part_settings())
    cli.main(["db", "upgrade"])


def test_no_update_is_lost_between_processes_and_threads(
    app: Flask, some_settings: dict[str, Any]
) -> None:
    with scratch_tables(app) as engine:
        with engine.begin() as connection:
            connection.execute(insert(Note).values(id=1))
        codes = exit_codes(PROCESSES, increase_in_threads, some_settings)
        assert codes == [0] * PROCESSES
        with engine.connect() as connection:
            assert connection.scalar(select(Note.number)) == PROCESSES * THREADS * TIMES


def increase_in_threads(some_settings: dict[str, Any]) -> None:
    """Increase the number in several threads; fail if any of their transactions fails."""
    app = create_app(settings.Settings(**some_settings))
    done: list[int] = []

    def increase() -> None:
        for _ in range(TIMES):
            with app.app_context(), database.transaction() as session:
                query = select(Note.number).where(Note.id == 1).with_for_update()
                number = session.scalars(query).one()
                time.sleep(0.001)
                session.execute(update(Note).values(number=number + 1))
            done.append(1)

    threads = [threading.Thread(target=increase) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == THREADS * TIMES
