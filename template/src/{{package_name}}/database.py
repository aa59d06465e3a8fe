"""Database: one module for SQLite, PostgreSQL and MariaDB; the URL's scheme decides."""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask, has_request_context, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from .settings import Settings
from .settings.checks import parse_database_url

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# On MariaDB text must hold any character and compare exactly, trailing spaces included.
TABLE_OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_nopad_bin"}
KEEPALIVES = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2}
STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's virtual machine: some milliseconds

_log = structlog.get_logger(__name__)


class Base(DeclarativeBase):
    """The parent of every model."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate(db=db, compare_type=True, render_as_batch=True)


class UTCDateTime(TypeDecorator[dt.datetime]):
    """An aware date-time, in UTC from here to the column: every session's time zone is UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        mysql = dialect.name in ("mysql", "mariadb")
        return dialect.type_descriptor(DATETIME(fsp=6) if mysql else DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive date-time; use datetime.now(UTC)")
        return value and value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        return value and value.replace(tzinfo=dt.UTC)


def now() -> dt.datetime:
    """The present, aware and in UTC."""
    return dt.datetime.now(dt.UTC)


def init_app(app: Flask, settings: Settings) -> None:
    """Set up the engine, its pool and its timeouts, and the `flask db` commands."""
    url = parse_database_url(settings.database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": settings.database_pool_size,
        "max_overflow": settings.database_max_overflow,
        "pool_timeout": settings.database_pool_timeout,
        "pool_recycle": settings.database_pool_recycle,
        "pool_pre_ping": settings.database_pool_pre_ping,
        "hide_parameters": True,
        "connect_args": _connect_args(url, settings),
    }
    db.init_app(app)
    migrate.init_app(app)
    with app.app_context():
        _listen(db.engine, settings)


def _connect_args(url: URL, settings: Settings) -> dict[str, Any]:
    backend = url.get_backend_name()
    if backend == "postgresql":
        return {
            "connect_timeout": settings.database_connect_timeout,
            "tcp_user_timeout": int(settings.database_statement_timeout * 1000),
            **KEEPALIVES,
        }
    if backend == "mysql":
        # A little longer than the statement's own end, which leaves the connection usable.
        patience = settings.database_statement_timeout + 1
        return {
            "connect_timeout": settings.database_connect_timeout,
            "read_timeout": patience,
            "write_timeout": patience,
            "charset": "utf8mb4",
        }
    return {"timeout": settings.database_lock_timeout}


def _session_statements(backend: str, settings: Settings) -> list[str]:
    """What each new connection is told first."""
    statement = settings.database_statement_timeout
    lock = settings.database_lock_timeout
    if backend == "postgresql":
        return [
            f"SET statement_timeout = {int(statement * 1000)}",
            f"SET lock_timeout = {int(lock * 1000)}",
            f"SET idle_in_transaction_session_timeout = {int(statement * 2000)}",
            "SET timezone = 'UTC'",
        ]
    if backend == "mysql":
        return [
            "SET SESSION sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION'",
            f"SET SESSION max_statement_time = {statement}",
            f"SET SESSION innodb_lock_wait_timeout = {max(1, round(lock))}",
            f"SET SESSION lock_wait_timeout = {max(1, round(lock))}",
            "SET SESSION time_zone = '+00:00'",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        ]
    return [
        "PRAGMA foreign_keys = ON",
        "PRAGMA synchronous = NORMAL",
        "PRAGMA trusted_schema = OFF",
        f"PRAGMA busy_timeout = {int(lock * 1000)}",
    ]


def _listen(engine: Engine, settings: Settings) -> None:
    backend = engine.url.get_backend_name()
    statements = _session_statements(backend, settings)
    longest = settings.database_statement_timeout

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        if backend == "sqlite":
            # The driver's own transactions begin late and lose updates; `begin` below does it.
            connection.isolation_level = None
        elif backend == "postgresql":
            connection.autocommit = True
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        if backend == "postgresql":
            connection.autocommit = False

    if backend == "sqlite":

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            # A transaction that starts by reading and then writes would lose or fail: only
            # those that are known to read alone start without the write lock.
            options = connection.get_execution_options()
            reading = has_request_context() and request.method in ("GET", "HEAD", "OPTIONS")
            reads = options.get("read_only", reading)
            connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

        @event.listens_for(engine, "before_cursor_execute")
        def set_deadline(connection: Connection, cursor: Any, *_: Any) -> None:
            # SQLite ends no statement by itself, but asks now and then whether to go on.
            patience = connection.get_execution_options().get("statement_timeout", longest)
            deadline = time.monotonic() + patience
            cursor.connection.set_progress_handler(
                lambda: time.monotonic() > deadline, STEPS_BETWEEN_LOOKS
            )


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit at the end; on any error roll back, log and raise; close in both cases."""
    session = db.session()
    try:
        yield session
        session.commit()
    except BaseException as error:
        session.rollback()
        _log.info("transaction rolled back", error=type(error).__name__)
        raise
    finally:
        session.close()
