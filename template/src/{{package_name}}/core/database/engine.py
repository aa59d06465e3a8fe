"""Engines: what SQLite, PostgreSQL and MariaDB are each told, and how connections are lent."""

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
STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's virtual machine: some milliseconds
NEW = "service.new"
GENERATION = "service.generation"


def connect_args(url: URL, settings: Settings) -> dict[str, Any]:
    """What the driver is told when it connects."""
    backend = url.get_backend_name()
    if backend == "postgresql":
        return {
            "connect_timeout": settings.database_connect_timeout,
            "tcp_user_timeout": int(settings.database_statement_timeout * 1000),
            "client_encoding": "utf8",
            **KEEPALIVES,
        }
    if backend == "mysql":
        # While it connects; the server's greeting is not waited for longer than the network.
        return {
            "connect_timeout": settings.database_connect_timeout,
            "read_timeout": settings.database_connect_timeout,
            "charset": "utf8mb4",
            # SQLAlchemy looks at it once, before any statement below, to know how names are quoted.
            "sql_mode": "TRADITIONAL,NO_ENGINE_SUBSTITUTION",
        }
    return {"timeout": settings.database_lock_timeout}


def pool_class(timeout: float) -> type[QueuePool]:
    """The pool, with the wait for a free connection; as an option of the engine's it would be cut
    to whole seconds, so that half a second is no wait at all."""

    class Pool(QueuePool):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{"timeout": timeout, **kwargs})

    return Pool


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
    """Prepare each connection, test it before it is lent out, and hold it to the deadlines."""
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
        elif backend == "mysql":
            # A little longer than the statement's own end, which leaves the connection usable.
            set_read_timeout(connection, settings.database_statement_timeout + 0.5)
        entry.info[NEW] = True


def _connect(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def connect(dialect: Dialect, _: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
        if dialect.name == "sqlite":
            # The driver makes it for everybody to read. Its other files get the rights of this one.
            with suppress(OSError):
                os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL, 0o600))
        driver = engine.dialect.loaded_dbapi
        try:
            return dialect.connect(*arguments, **options)
        except driver.OperationalError:
            raise
        except Exception as error:  # a package that is missing for its way to authenticate, say
            raise driver.OperationalError(*error.args) from error


def _lend_connections(engine: Engine, ping: bool) -> None:
    """SQLAlchemy's own ping would wait without a deadline."""

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
    generation = 0  # of connections; each is given up whole

    @event.listens_for(engine, "connect")
    def count(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info[GENERATION] = generation

    @event.listens_for(engine, "handle_error")
    def give_up(context: ExceptionContext) -> None:
        # SQLite decides when a process first opens the file, and a server that was replaced stays
        # a replica: only new connections, with no old one left, find out that writing is possible.
        nonlocal generation
        error = context.sqlalchemy_exception or context.original_exception
        if code_of(error) in READ_ONLY:
            if context.execution_context is not None:
                context.execution_context.cursor.close()  # while it is open, SQLite's file is
            context.is_disconnect = True
            generation += 1
            engine.dispose()

    @event.listens_for(engine, "checkin")
    def close_late(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        # It was lent out while the others were closed, and would stay open in the old pool.
        if entry.info.get(GENERATION, generation) != generation:
            entry.invalidate()


def _begin_and_end_like_a_server(engine: Engine, longest: float) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that starts by reading and then writes would lose or fail: only those
        # that are known to read alone start without the write lock.
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
