"""Database: reachable, large enough, and as strict as this service expects."""

import os
from collections.abc import Iterator

from sqlalchemy.engine import URL

from ...core.database.connection_faults import cause_of, network_fault
from ...settings.validators import parse_database_url
from ..context import Context, is_this_machine
from ..facts import error_of, facts
from ..registry import check

SHARED_BY = 4  # threads that may share one connection


def _url(context: Context) -> URL:
    return parse_database_url(context.settings.database_url)


@check(
    "DB001",
    "error",
    "The service cannot connect to the database",
    why="Requests that need the database get 503, and /readyz reports not ready.",
    remedy="""
        Start the database, or correct DATABASE_URL. For development without an installed server:
            uv run python -m tests.support.servers
        To create a SQLite file:
            uv run flask db upgrade""",
    asks="live",
    dependency="database",
)
def reachable(context: Context) -> Iterator[str]:
    """Whether the service can connect to the database; if not, which step fails."""
    error = error_of(context)
    if error is not None:
        yield f"{network_fault(_url(context)) or cause_of(error)}."


@check(
    "DB003",
    "error",
    "The service may open more connections than the database allows",
    why="Under load, the database rejects the excess connections, and requests get 503.",
    remedy="""
        Lower replicas x workers x (pool + overflow), or raise the server's max_connections or the
        role's connection limit:
            DATABASE_POOL_SIZE=4
            WEB_CONCURRENCY=2""",
    asks="live",
)
def connections(context: Context) -> Iterator[str]:
    """Whether replicas x workers x (pool + overflow) is within the limits of server, role and
    database."""
    settings, most = context.settings, facts(context).connections
    pool = settings.database_pool_size + settings.database_max_overflow
    needed = context.processes * pool
    if most is not None and needed > most:
        product = f"{context.options.replicas} x {settings.web_concurrency} x {pool} = {needed}"
        yield f"replicas x workers x (pool + overflow) = {product}; the limit is {most}."


@check(
    "DB004",
    "warning",
    "The connection pool does not suit the number of threads",
    why="If every thread can get a connection, a frozen database holds every thread; if the pool "
    "is far smaller, requests time out waiting for a connection.",
    remedy="""
        Keep pool + overflow below WEB_THREADS, and at least a quarter of it:
            DATABASE_POOL_SIZE=4
            DATABASE_MAX_OVERFLOW=0
            WEB_THREADS=8""",
)
def pool(context: Context) -> Iterator[str]:
    """Whether DATABASE_POOL_SIZE + DATABASE_MAX_OVERFLOW suits WEB_THREADS."""
    settings = context.settings
    pool, threads = (
        settings.database_pool_size + settings.database_max_overflow,
        settings.web_threads,
    )
    if pool >= threads or pool * SHARED_BY < threads:
        yield f"{pool} connections for {threads} threads."


@check(
    "DB005",
    "warning",
    "A database timeout is not in force",
    why="One slow statement or forgotten lock can hold a connection forever.",
    remedy="""
        The service sets the timeouts on each new connection: look for what resets them, such as a
        connection pooler in transaction mode. To see one on PostgreSQL:
            SHOW statement_timeout""",
    asks="live",
)
def timeouts(context: Context) -> Iterator[str]:
    """Whether the timeouts are in force on a connection of the service."""
    yield from (f"{name} is not in force." for name in facts(context).no_timeouts)


@check(
    "DB006",
    "warning",
    "The database may reject or alter the data that it stores",
    why="Text is rejected or truncated, invalid values are stored, or rows refer to missing rows.",
    remedy="""
        PostgreSQL, a new database:  CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0
        MariaDB:  ALTER TABLE ... CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
        The service itself sets sql_mode and foreign keys: look for what resets them.""",
    asks="live",
)
def text(context: Context) -> Iterator[str]:
    """Character sets, sql_mode and foreign keys, as they are on a connection of the service."""
    yield from facts(context).text_faults


@check(
    "DB007",
    "warning",
    "The database role has too many privileges, or the connection is not secure",
    why="Anyone who compromises the service then controls every database on the server, and anyone "
    "on the network can read the traffic.",
    remedy="""
        Create a role that owns only this database, and encrypt connections to other machines:
            CREATE ROLE service LOGIN PASSWORD '...'
            DATABASE_URL=postgresql://service:...@HOST/NAME?sslmode=verify-full
            DATABASE_URL=mysql://service:...@HOST/NAME?ssl_ca=/etc/ssl/certs/ca-certificates.crt""",
    source="OWASP ASVS 12.3.1, 12.3.2, 13.2.2",
    asks="live",
    deploy=True,
)
def trust(context: Context) -> Iterator[str]:
    """The role's rights; for a database on another machine, TLS and the server's certificate."""
    found, url = facts(context), _url(context)
    if found.is_superuser:
        yield "The role of DATABASE_URL is a superuser."
    host = url.host or str(url.query.get("host", ""))
    if is_this_machine(host):
        return
    if not found.is_encrypted:
        yield "The connection to another machine is not encrypted."
    elif not verifies_certificate(url):
        yield "The connection is encrypted, but the server's certificate is not verified."


def verifies_certificate(url: URL) -> bool:
    """Return whether the driver verifies the server's certificate (OWASP ASVS 12.3.2)."""
    if url.get_backend_name() == "postgresql":
        mode = url.query.get("sslmode", os.environ.get("PGSSLMODE"))
        return mode in ("verify-ca", "verify-full") or url.query.get("sslrootcert") == "system"
    is_told = "ssl_ca" in url.query or "ssl_capath" in url.query
    return is_told and url.query.get("ssl_check_hostname", "true") in ("true", "yes", "on", "1")
