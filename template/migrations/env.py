"""Run migrations on the application's engine, one process at a time, without its timeouts."""

import time
from collections import Counter
from contextlib import contextmanager
from importlib import import_module

from alembic import context
from alembic.ddl import sqlite
from click import ClickException
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

LOCK = 4_201_771  # arbitrary, but the same for every process that migrates this database
LOCK_WAIT = 60  # seconds
INSUFFICIENT_PRIVILEGE = "42501"  # PostgreSQL's code

migrate = current_app.extensions["migrate"]
options = dict(migrate.configure_args)


class SQLiteImpl(sqlite.SQLiteImpl):
    """Alembic's operations on SQLite, which preserve views and triggers when a table is rebuilt.

    Alembic finds this class by its dialect. A rebuild (batch mode) drops the table along with its
    triggers, and SQLite cannot rename a table while a view or a trigger refers to a missing one.
    """

    __dialect__ = "sqlite"

    def prep_table_for_batch(self, batch_impl, table) -> None:
        """Save the views and triggers, and drop them."""
        super().prep_table_for_batch(batch_impl, table)
        asked = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')"
        self.aside = self.connection.execute(text(asked)).all()
        for kind, name, _ in self.aside:
            quoted = self.dialect.identifier_preparer.quote_identifier(name)
            self.connection.exec_driver_sql(f"DROP {kind} IF EXISTS {quoted}")

    def rename_table(self, old_table_name, new_table_name, schema=None) -> None:
        """Rename a table; at the end of a rebuild, restore views and triggers."""
        super().rename_table(old_table_name, new_table_name, schema)
        if old_table_name.startswith("_alembic_tmp_"):
            for _, _, sql in self.aside:
                self.connection.exec_driver_sql(sql)


def part_of_service(name: str):
    """Import a module of the service, whose package this file does not name."""
    return import_module(f".{name}", current_app.import_name)


def render_item(kind, item, autogen_context):
    """Render the service's own column types in revisions as the types that they wrap."""
    if kind == "type" and type(item).__name__ == "UTCDateTime":
        autogen_context.imports.add("from sqlalchemy.dialects import mysql")
        return "sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb')"
    if kind == "type" and type(item).__name__ == "BoundedJSON":
        return "sa.JSON()"
    return False


def run_offline() -> None:
    """Print the SQL."""
    url = migrate.db.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, target_metadata=migrate.db.metadata, literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Migrate the database."""
    engine = migrate.db.engine.execution_options(statement_timeout=float("inf"))
    with engine.connect() as connection:
        connection.detach()  # out of the pool: it waits longer than a request may
        backend = connection.dialect.name
        with locked(connection, backend):
            context.configure(
                connection=connection,
                target_metadata=migrate.db.metadata,
                render_item=render_item,
                transactional_ddl=backend != "mysql",
                process_revision_directives=skip_empty,
                **options,
            )
            with context.begin_transaction(), no_row_orphaned(connection, backend):
                context.run_migrations()
            connection.commit()


@contextmanager
def no_row_orphaned(connection: Connection, backend: str):
    """Roll back a migration on SQLite that leaves rows with dangling foreign keys.

    SQLite's own foreign key checks are off during a migration: with them, dropping a table in a
    rebuild would delete or change the rows that refer to it, as their ON DELETE says.
    """
    if backend != "sqlite":
        yield
        return
    before = orphans(connection)
    yield
    for (table, parent), count in (orphans(connection) - before).items():
        raise ClickException(
            f"{count} rows of {table} would refer to rows of {parent} that are not there; nothing"
            " was changed. Let the revision delete or change those rows first."
        )


def orphans(connection: Connection) -> Counter[tuple[str, str]]:
    """Count the rows with dangling foreign keys, for each pair of tables."""
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return Counter((table, parent) for table, _, parent, _ in found)


def skip_empty(_, __, directives) -> None:
    """Make `flask db migrate` create no revision if the models have not changed."""
    autogenerates = getattr(context.config.cmd_opts, "autogenerate", False)
    if autogenerates and directives and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        print("The models have not changed; no revision made.")  # noqa: T201


def set_wal(raw) -> None:
    """Let readers and a writer work concurrently. The file stores this, so once is enough.

    Runs outside a transaction, and retries: SQLite's busy timeout does not cover this statement.
    """
    deadline = time.monotonic() + LOCK_WAIT
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
            return
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def locked(connection: Connection, backend: str):
    """Hold the database's own lock, so that concurrent upgrades wait for each other."""
    raw = connection.connection.dbapi_connection
    if backend == "postgresql":
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET {name} = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        yield
    elif backend == "mysql":
        part_of_service("core.database.driver_privates").set_read_timeout(raw, None)
        connection.execute(text("SET SESSION max_statement_time = 0"))
        got = connection.scalar(text(f"SELECT GET_LOCK('migrations-{LOCK}', {LOCK_WAIT})"))
        if got != 1:
            raise OperationalError("GET_LOCK", {}, TimeoutError("another migration runs"))
        try:
            yield
        finally:
            connection.execute(text(f"SELECT RELEASE_LOCK('migrations-{LOCK}')"))
    else:
        # Before the transaction: BEGIN is the statement that waits here.
        raw.execute(f"PRAGMA busy_timeout = {LOCK_WAIT * 1000}")
        raw.execute("PRAGMA foreign_keys = OFF")  # see `no_row_orphaned`
        set_wal(raw)
        yield


if context.is_offline_mode():
    run_offline()
else:
    try:
        run_online()
    except DBAPIError as error:
        part_of_service("core.database.commands").raise_if_not_connected(error)
        if getattr(error.orig, "sqlstate", "") != INSUFFICIENT_PRIVILEGE:
            raise
        raise ClickException(
            "The role of DATABASE_URL may not create or change tables, and nothing was changed. As the"
            " owner of the schema, GRANT CREATE ON SCHEMA public TO that role, or upgrade as another."
        ) from None
