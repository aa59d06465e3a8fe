"""SQLite table rebuilds: a migration keeps the rows, views and triggers of all other tables."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from click import ClickException
from flask import Flask
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import IntegrityError

from ...conftest import ROOT, MakeApp
from ...support.scratch import engine_of, scratch_database

REVISION = """import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = {before!r}


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
"""

CHILDREN = {
    "cascades": " ON DELETE CASCADE",
    "nulls": " ON DELETE SET NULL",
    "defaults": " ON DELETE SET DEFAULT",
    "restricts": " ON DELETE RESTRICT",
    "plain": "",
}
TABLES = [
    "CREATE TABLE parents (id INTEGER PRIMARY KEY, name VARCHAR(10) NOT NULL, older_id INTEGER,"
    " CONSTRAINT ck_name CHECK (name != ''),"
    " CONSTRAINT fk_older FOREIGN KEY (older_id) REFERENCES parents (id) ON DELETE CASCADE)",
    *(
        f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, parent_id INTEGER DEFAULT 3,"
        f" CONSTRAINT fk_{table} FOREIGN KEY (parent_id) REFERENCES parents (id){action})"
        for table, action in CHILDREN.items()
    ),
    "CREATE VIEW names AS SELECT name FROM parents",
    "CREATE VIEW first_names AS SELECT name FROM names LIMIT 1",
    "CREATE TABLE changes (old VARCHAR(10))",
    "CREATE TRIGGER note_change AFTER UPDATE ON parents"
    " BEGIN INSERT INTO changes VALUES (old.name); END",
]
ROWS = [
    "INSERT INTO parents VALUES (1, 'ann', NULL), (2, 'bob', 1), (3, 'cy', NULL)",
    *(f"INSERT INTO {table} VALUES (1, 2)" for table in CHILDREN),
]

REBUILD = """
    for table, column in (("parents", "name"), ("changes", "old")):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, type_=sa.String({length}))
    with op.batch_alter_table("plain") as batch:
        batch.alter_column("parent_id", nullable={nullable})
"""


@pytest.fixture
def app(make_app: MakeApp) -> Iterator[Flask]:
    """An application on a database without tables."""
    with scratch_database() as url:
        app = make_app(database_url=url)
        with app.app_context():
            yield app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project's migration environment, with the tests' own revisions."""
    ignored = shutil.ignore_patterns("versions", "__pycache__")
    folder = Path(shutil.copytree(ROOT / "migrations", tmp_path / "migrations", ignore=ignored))
    (folder / "versions").mkdir()
    made = "".join(f"    op.execute({statement!r})\n" for statement in [*TABLES, *ROWS])
    write_revision(folder, "a1", None, made, "    pass")
    return folder


def write_revision(
    folder: Path, name: str, before: str | None, upgrade: str, downgrade: str
) -> None:
    text = REVISION.format(name=name, before=before, upgrade=upgrade, downgrade=downgrade)
    (folder / "versions" / f"{name}.py").write_text(text, encoding="utf-8")


def rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """The rows of each table and view."""
    asked = inspect(connection)
    names = [*asked.get_table_names(), *asked.get_view_names()]
    names.remove("alembic_version")
    found = {name: connection.exec_driver_sql(f"SELECT * FROM {name}") for name in names}
    return {name: [tuple(row) for row in result] for name, result in found.items()}


def test_rebuild_keeps_the_rows_of_other_tables(app: Flask, folder: Path) -> None:
    up = REBUILD.format(length=20, nullable=False)
    down = REBUILD.format(length=10, nullable=True)
    write_revision(folder, "a2", "a1", up, down)
    flask_migrate.upgrade(str(folder), revision="a1")
    with engine_of(app).connect() as connection:
        before = rows(connection)
    assert len(before) == len(CHILDREN) + len({"parents", "changes", "names", "first_names"})
    for move, length in ((flask_migrate.upgrade, 20), (flask_migrate.downgrade, 10)):
        move(str(folder), revision="a2" if length == 20 else "a1")
        with engine_of(app).connect() as connection:
            assert rows(connection) == before
            name = inspect(connection).get_columns("parents")[1]
            assert str(name["type"]) == f"VARCHAR({length})"


def test_references_and_triggers_work_after_a_rebuild(app: Flask, folder: Path) -> None:
    rebuild = REBUILD.format(length=20, nullable=False)
    write_revision(folder, "a2", "a1", rebuild, "    pass")
    flask_migrate.upgrade(str(folder))
    with engine_of(app).begin() as connection:
        connection.exec_driver_sql("DELETE FROM restricts")
        connection.exec_driver_sql("DELETE FROM plain")
        connection.exec_driver_sql("UPDATE parents SET name = 'eve' WHERE id = 1")
        connection.exec_driver_sql("DELETE FROM parents WHERE id = 1")
        left = rows(connection)
    assert (left["parents"], left["cascades"]) == ([(3, "cy", None)], [])
    assert (left["nulls"], left["defaults"]) == ([(1, None)], [(1, 3)])
    assert left["changes"] == [("ann",)]
    with pytest.raises(IntegrityError), engine_of(app).begin() as connection:
        connection.exec_driver_sql("UPDATE parents SET name = ''")


def test_migration_that_orphans_rows_is_rolled_back(app: Flask, folder: Path) -> None:
    orphaning = '    op.execute("DELETE FROM parents WHERE id = 2")'
    write_revision(folder, "a2", "a1", orphaning, "    pass")
    flask_migrate.upgrade(str(folder), revision="a1")
    with engine_of(app).connect() as connection:
        before = rows(connection)
    with pytest.raises(ClickException, match="rows of parents that are not there; nothing was"):
        flask_migrate.upgrade(str(folder))
    with engine_of(app).connect() as connection:
        assert rows(connection) == before


def test_already_orphaned_rows_do_not_block_a_migration(app: Flask, folder: Path) -> None:
    write_revision(folder, "a2", "a1", REBUILD.format(length=20, nullable=False), "    pass")
    flask_migrate.upgrade(str(folder), revision="a1")
    with engine_of(app).connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.cursor().execute("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("INSERT INTO plain VALUES (2, 7)")
        connection.commit()
        connection.detach()
    flask_migrate.upgrade(str(folder))
    with engine_of(app).connect() as connection:
        assert rows(connection)["plain"] == [(1, 2), (2, 7)]
