"""Databases, tables and callers for tests only, kept apart from the models and migrations."""

import datetime as dt
import enum
import os
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, Enum, ForeignKey, MetaData, Numeric, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ..conftest import DATABASES, make_credential
from .apps import client_of
from .service import database, drop_database, make_database


class Scratch(DeclarativeBase):
    """Base class of the tests' own models."""

    metadata = MetaData(naming_convention=database.NAMING)


class Note(Scratch):
    """A row with a unique text, a date-time and a number."""

    __tablename__ = "scratch_notes"
    __table_args__ = database.TABLE_OPTIONS

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str | None] = mapped_column(String(20), unique=True)
    moment: Mapped[dt.datetime | None] = mapped_column(database.UTCDateTime)
    number: Mapped[int] = mapped_column(default=0)
    data: Mapped[Any] = mapped_column(database.BoundedJSON(20), default=dict)


class Reply(Scratch):
    """A row that refers to a note."""

    __tablename__ = "scratch_replies"
    __table_args__ = database.TABLE_OPTIONS

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey(Note.id))


class Owned(Scratch):
    """A row that belongs to an owner."""

    __tablename__ = "scratch_owned"
    __table_args__ = database.TABLE_OPTIONS

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(Text)
    data: Mapped[Any] = mapped_column(database.BoundedJSON(20), default=dict)
    content: Mapped[bytes | None]


class Size(enum.StrEnum):
    """The size of a sample."""

    SMALL = "small"
    LARGE = "large"


class Sample(Scratch):
    """A row with a column for each strict field."""

    __tablename__ = "scratch_samples"
    __table_args__ = database.TABLE_OPTIONS

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    homepage: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    count: Mapped[int]
    price: Mapped[float] = mapped_column(Numeric(12, 2, asdecimal=False))
    active: Mapped[bool]
    reference: Mapped[uuid.UUID]
    day: Mapped[dt.date]
    opens: Mapped[dt.time]
    moment: Mapped[dt.datetime] = mapped_column(database.UTCDateTime)
    size: Mapped[Size] = mapped_column(
        Enum(Size, native_enum=False, length=10, values_callable=lambda kind: list(kind))
    )
    tags: Mapped[list[str]] = mapped_column(database.BoundedJSON(4_000))
    address: Mapped[dict[str, Any]] = mapped_column(database.BoundedJSON(2_000))
    options: Mapped[dict[str, Any]] = mapped_column(database.BoundedJSON(16_384))


def engine_of(app: Flask) -> Engine:
    """Return the application's engine, also for use outside the application context."""
    with app.app_context():
        return database.db.engine


@contextmanager
def scratch_database() -> Iterator[str]:
    """Create an empty database, yield its URL, and drop it."""
    name = f"test_{secrets.token_hex(8)}"
    url = make_database(os.environ[DATABASES], name)
    try:
        yield url
    finally:
        drop_database(os.environ[DATABASES], name)


@contextmanager
def scratch_tables(app: Flask) -> Iterator[Engine]:
    """Create the tables, yield their engine, and drop them."""
    engine = engine_of(app)
    Scratch.metadata.create_all(engine)
    try:
        yield engine
    finally:
        Scratch.metadata.drop_all(engine)


def caller_of(app: Flask, name: str = "somebody") -> FlaskClient:
    """Return a client with a valid credential, for an application with a test's own routes."""
    return client_of(app, make_credential(app, name))
