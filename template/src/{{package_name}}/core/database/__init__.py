"""Database: sessions, transactions and column types for SQLite, PostgreSQL and MariaDB."""

import datetime as dt
import functools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

import orjson
import structlog
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, MetaData
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from ...settings import Settings
from ...settings.validators import parse_database_url
from .. import deadlines
from . import engine
from .driver_errors import is_conflict

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# On MariaDB, text must store any character and compare exactly, including trailing spaces.
TABLE_OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_nopad_bin"}
RETRIES = 3
LONGEST_PAUSE = 0.05  # seconds, before the first retry; doubles for each further one
TIME_TO_RETRY = 2.0  # seconds: enough for another lock timeout, even on a busy machine

P = ParamSpec("P")
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Base(DeclarativeBase):
    """Base class of every model."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class UTCDateTime(TypeDecorator[dt.datetime]):
    """An aware date-time, stored in UTC; every session's time zone is UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        mysql = dialect.name in ("mysql", "mariadb")
        return dialect.type_descriptor(DATETIME(fsp=6) if mysql else DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime; use datetime.now(UTC)")
        return value and value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        return value and value.replace(tzinfo=dt.UTC)


class BoundedJSON(TypeDecorator[Any]):
    """JSON of at most `max_bytes`, so that no single row makes a list expensive."""

    impl = JSON
    cache_ok = True

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self.max_bytes = max_bytes

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if len(orjson.dumps(value)) > self.max_bytes:
            raise ValueError(f"JSON exceeds {self.max_bytes} bytes; limit the schema's field")
        return value


def now() -> dt.datetime:
    """Return the current time, aware and in UTC."""
    return dt.datetime.now(dt.UTC)


def init_app(app: Flask, settings: Settings) -> None:
    """Set up the engine, its pool and its timeouts."""
    url = parse_database_url(settings.database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "poolclass": engine.pool_class(settings.database_pool_timeout),
        "pool_size": settings.database_pool_size,
        "max_overflow": settings.database_max_overflow,
        "pool_recycle": settings.database_pool_recycle,
        "hide_parameters": True,
        "connect_args": engine.connect_args(url, settings),
    }
    db.init_app(app)
    with app.app_context():
        engine.listen(db.engine, settings)

    @app.teardown_appcontext  # before the extension's own, which would raise after the response
    def close_session(_: BaseException | None) -> None:
        try:
            db.session.remove()
        except DBAPIError as error:  # the server is gone, so ROLLBACK fails
            db.session.registry.clear()
            _log.warning("database connection lost after the response", error=type(error).__name__)


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit at the end; on any error, roll back, log and re-raise. Always close the session."""
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


def transactional(work: Callable[Concatenate[Session, P], T]) -> Callable[P, T]:
    """Run the work in a transaction; retry all of it after a conflict with another transaction."""

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for retry in range(RETRIES):
            try:
                with transaction() as session:
                    return work(session, *args, **kwargs)
            except DBAPIError as error:
                if not is_conflict(error) or deadlines.seconds_left() < TIME_TO_RETRY:
                    raise
            time.sleep(random.uniform(0, LONGEST_PAUSE * 2**retry))  # noqa: S311
        with transaction() as session:
            return work(session, *args, **kwargs)

    return run
