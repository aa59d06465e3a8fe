"""Facts about the database, queried once over one of the service's connections."""

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, text

from ..core.database import db
from ..settings import Settings
from ..settings.validators import parse_database_url
from .context import Context, NotJudgedError
from .running import SECONDS

SPARE = 0.6  # seconds that a check has left after waiting for the facts

POSTGRESQL = """
SELECT extract(epoch FROM clock_timestamp())::float AS clock,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0) AS server_connections,
  (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role_connections,
  (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS database_connections,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
  (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted,
  current_setting('server_encoding') AS encoding,
  current_setting('statement_timeout') AS statement_timeout,
  current_setting('lock_timeout') AS lock_timeout,
  current_setting('idle_in_transaction_session_timeout') AS idle_timeout
"""
MARIADB = """
SELECT unix_timestamp(now(6)) AS clock, @@max_connections AS server_connections,
  @@max_user_connections AS role_connections, @@sql_mode AS sql_mode,
  @@character_set_connection AS encoding, @@max_statement_time AS statement_timeout,
  (SELECT count(*) FROM information_schema.tables WHERE table_schema = database()
    AND table_name <> 'alembic_version' AND table_collation NOT LIKE 'utf8mb4%') AS other_tables,
  (SELECT count(*) FROM information_schema.user_privileges
    WHERE privilege_type IN ('SUPER', 'CREATE USER', 'SHUTDOWN')) AS privileges
"""


@dataclass
class Facts:
    """What applies to a connection of this service."""

    clock: float | None = None  # the server's minus ours, in seconds
    connections: int | None = None  # that this service may open
    no_timeouts: list[str] = field(default_factory=list)
    text_faults: list[str] = field(default_factory=list)
    is_superuser: bool = False
    may_create: bool = True
    is_encrypted: bool = True


def facts(context: Context) -> Facts:
    """Return the facts; one thread queries them, and every check waits for it.

    Raises:
        NotJudgedError: there are no facts; `error_of` returns why.
    """
    try:
        return _asked(context).result(SECONDS["live"] - SPARE)
    except Exception:
        raise NotJudgedError from None


def error_of(context: Context) -> Exception | None:
    """Return the exception if there are no facts: TimeoutError if the database does not respond."""
    asked = _asked(context)
    try:
        asked.result(SECONDS["live"] - SPARE)
    except Exception as error:
        return error
    return None


def is_missing_file(settings: Settings) -> bool:
    """Return whether the database is a missing SQLite file, which a query would create."""
    url = parse_database_url(settings.database_url)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()


_lock = threading.Lock()


def _asked(context: Context) -> Future[Facts]:
    app = context.app
    with _lock:
        if "facts" not in context.shared:
            context.shared["facts"] = Future[Facts]()
            threading.Thread(target=_ask, args=(context, app), daemon=True).start()
    future: Future[Facts] = context.shared["facts"]
    return future


def _ask(context: Context, app: Flask) -> None:
    future: Future[Facts] = context.shared["facts"]
    try:
        if is_missing_file(context.settings):
            raise FileNotFoundError
        with app.app_context():
            engine = db.engine.execution_options(read_only=True)
        with engine.connect() as connection:
            found = _of(connection)
        future.set_result(found)  # after releasing the connection, which may be the only one
    except Exception as error:  # from the network, the driver or the server
        future.set_exception(error)


def _of(connection: Connection) -> Facts:
    backend = connection.dialect.name
    return {"postgresql": _postgresql, "mysql": _mariadb, "mariadb": _mariadb, "sqlite": _sqlite}[
        backend
    ](connection)


def _row(connection: Connection, query: str) -> tuple[Any, float]:
    """Return the only row, and how far its clock is ahead of ours in the middle of the query."""
    before = time.time()
    row = connection.execute(text(query)).one()
    return row, float(row.clock) - (before + time.time()) / 2


def _postgresql(connection: Connection) -> Facts:
    row, ahead = _row(connection, POSTGRESQL)
    limits = (row.server_connections, row.role_connections, row.database_connections)
    timeouts = ("statement_timeout", "lock_timeout", "idle_timeout")
    utf8 = row.encoding == "UTF8"
    return Facts(
        clock=ahead,
        connections=min(limit for limit in limits if limit >= 0),
        no_timeouts=[name for name in timeouts if getattr(row, name) == "0"],
        text_faults=[] if utf8 else ["The encoding of the database is not UTF8."],
        is_superuser=row.superuser,
        may_create=row.may_create,
        is_encrypted=bool(row.encrypted),
    )


def _mariadb(connection: Connection) -> Facts:
    row, ahead = _row(connection, MARIADB)
    cipher = connection.execute(text("SHOW STATUS LIKE 'Ssl_cipher'")).one()[1]
    wrong = {
        "The connection's character set is not utf8mb4.": row.encoding != "utf8mb4",
        f"{row.other_tables} tables do not use utf8mb4.": row.other_tables > 0,
        "sql_mode does not include STRICT_TRANS_TABLES.": "STRICT_TRANS_TABLES" not in row.sql_mode,
    }
    return Facts(
        clock=ahead,
        connections=min(filter(None, (row.server_connections, row.role_connections))),
        no_timeouts=[] if row.statement_timeout else ["max_statement_time"],
        text_faults=[sentence for sentence, holds in wrong.items() if holds],
        is_superuser=row.privileges > 0,
        is_encrypted=bool(cipher),
    )


def _sqlite(connection: Connection) -> Facts:
    def pragma(name: str) -> Any:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    return Facts(
        no_timeouts=[] if pragma("busy_timeout") else ["busy_timeout"],
        text_faults=[] if pragma("foreign_keys") else ["Foreign keys are not enforced."],
    )
