"""Database roles of compose.yaml: the owner migrates; the runtime role cannot alter tables."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from ...conftest import ROOT, MakeApp, dispose, make_credential
from ...support.service import create_app, database, database_server, make_database, settings

PASSWORD = "it's a secret"
# What an earlier release left behind, and what the owner role later does with it.
EARLIER = {
    "postgresql": ("CREATE SEQUENCE numbers", "CREATE TYPE mood AS ENUM ('good')"),
    "mysql": (
        "CREATE USER service",
        "GRANT ALL PRIVILEGES ON service.* TO service",
        "CREATE DEFINER = service TRIGGER one BEFORE INSERT ON older FOR EACH ROW SET NEW.i = 1",
    ),
}
LATER = {
    "postgresql": ("DROP SEQUENCE numbers", "DROP TYPE mood"),
    "mysql": ("INSERT INTO older (i) VALUES (2)",),
}
CHANGES_OF_ROWS = (
    "INSERT INTO {0} SELECT * FROM {0} WHERE 1 = 0",
    "DELETE FROM {0} WHERE 1 = 0",
)
CHANGES_OF_TABLES = (
    "ALTER TABLE {0} ADD COLUMN more INTEGER",
    "DROP TABLE {0}",
    "CREATE TABLE another_{0} (i INTEGER)",
)


@pytest.fixture
def server(some_settings: dict[str, Any]) -> Iterator[str]:
    """A server that an earlier release used, started twice since then as compose.yaml does."""
    (roles,) = (ROOT / "scripts").glob("roles_*.sql")
    with tempfile.TemporaryDirectory(prefix="roles-") as name:
        folder = Path(name)
        for role in ("owner", "runtime"):
            (folder / f"database_{role}_password").write_text(f"{PASSWORD} of {role}\n")
            (folder / f"database_{role}_password").chmod(0o644)
        ours = folder / "roles.sql"
        ours.write_text(roles.read_text(encoding="utf-8").replace("/run/secrets", name))
        with database_server(folder) as url:
            changes = {"database_url": make_database(url, "service")}
            app = create_app(settings.Settings(**(some_settings | changes)))
            run(app, "CREATE TABLE older (i INTEGER)")
            for statement in EARLIER[make_url(url).get_backend_name()]:
                run(app, statement)
            dispose(app)
        with database_server(folder, ours):
            pass
        with database_server(folder, ours) as url:
            yield url


def run(app: Flask, statement: str) -> None:
    with app.app_context(), database.transaction() as session:
        session.execute(text(statement))


def test_owner_migrates_and_runtime_role_cannot_alter_tables(
    server: str, make_app: MakeApp
) -> None:
    def app_of(role: str) -> Flask:
        url = make_url(server).set(
            username=f"service_{role}", password=f"{PASSWORD} of {role}", database="service"
        )
        return make_app(database_url=url.render_as_string(hide_password=False))

    owner, runtime = app_of("owner"), app_of("runtime")
    for statement in LATER[make_url(server).get_backend_name()]:
        run(owner, statement)
    run(owner, CHANGES_OF_TABLES[0].format("older"))
    with owner.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
    assert runtime.test_client().get("/readyz").status_code == 200
    make_credential(runtime, "somebody")
    for table in ["older", *database.Base.metadata.tables]:
        for statement in CHANGES_OF_ROWS:
            run(runtime, statement.format(table))
        for statement in CHANGES_OF_TABLES:
            with pytest.raises(DBAPIError, match=r"denied|must be owner"):
                run(runtime, statement.format(table))
