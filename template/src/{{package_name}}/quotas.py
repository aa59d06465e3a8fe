"""Quotas: how much one owner may have in a table, whatever a view creates or changes."""

from functools import cache
from typing import Any, NamedTuple

from flask import Flask, current_app
from sqlalchemy import JSON, ColumnElement, LargeBinary, String, Text, cast, event, func, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from .database import db
from .errors import ProblemError
from .identity import current_owner
from .settings import Settings

EXTENSION = "service.quota"
EXEMPT = "idempotency_records"  # which end by themselves
USED_UP = "You have as many of these as you may; delete some first."
TOO_LONG = "All of these that you have are longer than they may be; delete some first."


class Quota(NamedTuple):
    """What an owner may have in one table; 0 is any number."""

    rows: int
    bytes: int


def init_app(app: Flask, settings: Settings) -> None:
    """Hold owners to OWNER_MAX_ROWS and OWNER_MAX_BYTES."""
    app.extensions[EXTENSION] = Quota(settings.owner_max_rows, settings.owner_max_bytes)


@event.listens_for(db.session, "after_flush")
def check(session: Session, *_: Any) -> None:
    """Raise a ProblemError (403), which undoes the change, where an owner has too much.

    Two requests at once may each create the last one.
    """
    quota: Quota = current_app.extensions.get(EXTENSION, Quota(0, 0))
    created = _owned(session.new) if quota.rows or quota.bytes else set()
    changed = _owned(session.dirty) | created if quota.bytes else set()
    for model in created:
        if quota.rows and _of_owner(session, model, func.count()) > quota.rows:
            raise ProblemError(403, USED_UP)
    for model in changed:
        if _of_owner(session, model, _bytes(model, session.get_bind().dialect.name)) > quota.bytes:
            raise ProblemError(403, TOO_LONG)


def _owned(instances: Any) -> set[Any]:
    """The models of those that belong to the owner."""
    owner = current_owner()
    models = {type(each) for each in instances if getattr(each, "owner", None) == owner}
    return {model for model in models if model.__tablename__ != EXEMPT}


def _of_owner(session: Session, model: Any, what: ColumnElement[int]) -> int:
    found = select(what).select_from(model).where(model.owner == current_owner())
    return session.scalar(found) or 0


@cache
def _bytes(model: Any, backend: str) -> ColumnElement[int]:
    """Of all texts, JSON and bytes; what else a row has is short."""
    lengths: list[Any] = []
    for column in model.__table__.columns:
        kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
        if isinstance(kind, (String, JSON, LargeBinary)):
            lengths.append(func.coalesce(_length(column, kind, backend), 0))
    return func.sum(sum(lengths))


def _length(column: Any, kind: Any, backend: str) -> ColumnElement[int]:
    if backend == "sqlite":  # which knows octet_length since 3.43
        return func.length(cast(column, LargeBinary))
    return func.octet_length(column if isinstance(kind, LargeBinary) else cast(column, Text))
