"""Engines: how connections to SQLite, PostgreSQL and MariaDB are configured and checked out."""

import os
import time
from contextlib import suppress
from typing import Any

from flask import has_request_context, request
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.engine import URL, Connection, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from ...settings import Settings
from .. import deadlines
from .driver_errors import READ_ONLY, code_of
from .driver_privates import set_read_timeout

KEEPALIVES = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2}
PING_SECONDS = 1.0
STEPS_BETWEEN_LOOKS = 100_000  # instructions of SQLite's virtual machine: a few milliseconds
NEW = "service.new"
GENERATION = "service.generation"


def connect_args(url: URL, settings: Settings) -> dict[str, Any]:
    """Return the driver's arguments for connecting."""
    backend = url.get_backend_name()
    if backend == "postgresql":
        return {
            "connect_timeout": settings.database_connect_timeout,
            "tcp_user_timeout": int(settings.database_statement_timeout * 1000),
            "client_encoding": "utf8",
            **KEEPALIVES,
        }
    if backend == "mysql":
        # While connecting: the server's greeting gets no more time than the network.
        return {
            "connect_timeout": settings.database_connect_timeout,
            "read_timeout": settings.database_connect_timeout,
            "charset": "utf8mb4",
            # SQLAlchemy reads it once, before any statement below, to learn how to quote names.
            "sql_mode": "TRADITIONAL,NO_ENGINE_SUBSTITUTION",
        }
    return {"timeout": settings.database_lock_timeout}


def pool_class(timeout: float) -> type[QueuePool]:
    """Return a pool class with this timeout for getting a connection.

    The engine's own option is truncated to whole seconds: 0.5 would mean not to wait at all.
    """

    class Pool(QueuePool):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{"timeout": timeout, **kwargs})

    return Pool


def _session_statements(backend: str, settings: Settings) -> list[str]:
    """Return the statements that configure each new connection."""
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


def listen(engine: Engine, settings: Settings) -> None:
    """Configure each connection, test it before checkout, and enforce the deadlines."""
    backend = engine.url.get_backend_name()
    _connect(engine)
    _prepare_connections(engine, _session_statements(backend, settings), settings)
    _lend_connections(engine, settings.database_pool_pre_ping and backend != "sqlite")
    _give_up_read_only_connections(engine)
    if backend == "sqlite":
        _begin_and_end_like_a_server(engine, settings.database_statement_timeout)


def _prepare_connections(engine: Engine, statements: list[str], settings: Settings) -> None:
    backend = engine.url.get_backend_name()

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        if backend == "sqlite":
            # The driver begins transactions late and so loses updates; `begin` below does it.
            connection.isolation_level = None
        elif backend == "postgresql":
            connection.autocommit = True
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        if backend == "postgresql":
            connection.autocommit = False
        elif backend == "mysql":
            # A little longer than the statement timeout, which leaves the connection usable.
            set_read_timeout(connection, settings.database_statement_timeout + 0.5)
        entry.info[NEW] = True


def _connect(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
        if dialect.name == "sqlite":
            # The driver would make it readable by everyone. Its other files get its permissions.
            with suppress(OSError):
                os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL, 0o600))
        driver = engine.dialect.loaded_dbapi
        try:
            return dialect.connect(*arguments, **options)
        except driver.OperationalError:
            raise
        except Exception as error:  # such as a missing package for an authentication method
            raise driver.OperationalError(*error.args) from error


def _lend_connections(engine: Engine, ping: bool) -> None:
    """Ping connections at checkout, with a deadline: SQLAlchemy's own ping has none."""

    @event.listens_for(engine, "checkout")
    def lend(connection: DBAPIConnection, entry: ConnectionPoolEntry, _: Any) -> None:
        if ping and not entry.info.pop(NEW, False):
            try:
                with deadlines.limit(PING_SECONDS, connection):
                    engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error:
                raise InvalidatePoolError from None
        deadlines.hold(connection)

    @event.listens_for(engine, "checkin")
    def take_back(connection: DBAPIConnection | None, _: ConnectionPoolEntry) -> None:
        deadlines.release(connection)


def _give_up_read_only_connections(engine: Engine) -> None:
    generation = 0  # of connections; each is discarded as a whole

    @event.listens_for(engine, "connect")
    def count(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info[GENERATION] = generation

    @event.listens_for(engine, "handle_error")
    def give_up(context: ExceptionContext) -> None:
        # SQLite decides what is read-only when a process first opens the file, and a server that
        # was replaced stays a replica. Only new connections can write, once all old ones are gone.
        nonlocal generation
        error = context.sqlalchemy_exception or context.original_exception
        if code_of(error) in READ_ONLY:
            if context.execution_context is not None:
                context.execution_context.cursor.close()  # it would keep SQLite's file open
            context.is_disconnect = True
            generation += 1
            engine.dispose()

    @event.listens_for(engine, "checkin")
    def close_late(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        # It was checked out when the others were closed, and would stay open in the old pool.
        if entry.info.get(GENERATION, generation) != generation:
            entry.invalidate()


def _begin_and_end_like_a_server(engine: Engine, longest: float) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and then writes could lose updates or fail: only those
        # that are known to be read-only start without the write lock.
        options = connection.get_execution_options()
        reading = has_request_context() and request.method in ("GET", "HEAD", "OPTIONS")
        reads = options.get("read_only", reading)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    @event.listens_for(engine, "before_cursor_execute")
    def set_deadline(connection: Connection, cursor: Any, *_: Any) -> None:
        # SQLite has no statement timeout, but regularly asks this handler whether to stop.
        patience = connection.get_execution_options().get("statement_timeout", longest)
        deadline = time.monotonic() + patience
        cursor.connection.set_progress_handler(
            lambda: time.monotonic() > deadline, STEPS_BETWEEN_LOOKS
        )
