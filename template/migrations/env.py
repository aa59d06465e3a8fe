"""Run migrations on the application's engine, one process at a time, without its timeouts."""

import time
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

LOCK = 4_201_771  # any number; the same for every process that migrates this database
LOCK_WAIT = 60  # seconds

migrate = current_app.extensions["migrate"]
options = dict(migrate.configure_args)


def render_item(kind, item, autogen_context):
    """Write the service's own column types into revisions as the types that they stand for."""
    if kind == "type" and type(item).__name__ == "UTCDateTime":
        autogen_context.imports.add("from sqlalchemy.dialects import mysql")
        return "sa.DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb')"
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
        connection.detach()  # no request gets this one, which waits longer than they may
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
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()


def skip_empty(_, __, directives) -> None:
    """`flask db migrate` without a change makes no revision."""
    autogenerates = getattr(context.config.cmd_opts, "autogenerate", False)
    if autogenerates and directives and directives[0].upgrade_ops.is_empty():
        directives[:] = []
        print("The models have not changed; no revision made.")  # noqa: T201


def set_wal(raw) -> None:
    """Let readers and a writer work side by side; kept in the file, so once is enough.

    Outside a transaction, and repeated: SQLite's busy timeout does not cover this statement.
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
    """Hold the database's own lock, so that parallel upgrades wait for each other."""
    raw = connection.connection.dbapi_connection
    if backend == "postgresql":
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET {name} = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        yield
    elif backend == "mysql":
        raw._read_timeout = None  # the driver has no other way to wait longer than it was made for
        connection.execute(text("SET SESSION max_statement_time = 0"))
        got = connection.scalar(text(f"SELECT GET_LOCK('migrations-{LOCK}', {LOCK_WAIT})"))
        if got != 1:
            raise OperationalError("GET_LOCK", {}, TimeoutError("another migration runs"))
        try:
            yield
        finally:
            connection.execute(text(f"SELECT RELEASE_LOCK('migrations-{LOCK}')"))
    else:
        # Before the transaction, whose beginning is what waits here.
        raw.execute(f"PRAGMA busy_timeout = {LOCK_WAIT * 1000}")
        set_wal(raw)
        yield


if context.is_offline_mode():
    run_offline()
else:
    run_online()
