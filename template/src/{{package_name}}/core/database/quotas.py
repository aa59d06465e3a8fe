"""Quotas: limit the rows and bytes that one owner may have in a table."""

from functools import cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, LargeBinary, String, Text, cast, event, func, select
from sqlalchemy import inspect as mapper_of
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from ..auth.owner import current_owner
from ..errors import ProblemError
from ..service import current_service
from . import db

EXEMPT = "idempotency_records"  # its rows expire
USED_UP = "You have reached the maximum number of records of this kind; delete some first."
TOO_LONG = "Records of this kind would exceed your maximum size; delete or shorten some first."


def init_app() -> None:
    """Enforce OWNER_MAX_ROWS and OWNER_MAX_BYTES in the sessions of all applications."""
    if not event.contains(db.session, "after_flush", require_quota):
        event.listen(db.session, "after_flush", require_quota)


def require_quota(session: Session, *_: Any) -> None:
    """Raise a ProblemError (403), which rolls the change back, if an owner is over a quota.

    Two concurrent requests may each create the last row. Bulk statements, which bypass the
    session's objects, are not counted.
    """
    settings = current_service().settings
    if not (settings.owner_max_rows or settings.owner_max_bytes):
        return
    created = _owned(session.new)
    for model in created:
        _require_rows(session, model)
    for model in created | _owned(session.dirty):
        _require_bytes(session, model)


def require_room(session: Session, model: Any) -> None:
    """Raise a ProblemError (403) if the owner may not add a row; call it before costly work."""
    _require_rows(session, model, 1)
    _require_bytes(session, model, 1)


def _require_rows(session: Session, model: Any, more: int = 0) -> None:
    rows = current_service().settings.owner_max_rows
    if rows and _rows(session, model) + more > rows:
        raise ProblemError(403, USED_UP)


def _require_bytes(session: Session, model: Any, more: int = 0) -> None:
    length = current_service().settings.owner_max_bytes
    if length and _bytes(session, model) + more > length:
        raise ProblemError(403, TOO_LONG)


def _owned(instances: Any) -> set[Any]:
    """Return the models of the instances that belong to the owner."""
    owner = current_owner()
    models = {type(each) for each in instances if getattr(each, "owner", None) == owner}
    return {model for model in models if mapper_of(model).local_table.name != EXEMPT}


def _rows(session: Session, model: Any) -> int:
    return _of_owner(session, model, func.count())


def _bytes(session: Session, model: Any) -> int:
    """Sum the sizes of text, JSON and binary columns; other columns are short."""
    return _of_owner(session, model, _lengths(model, session.get_bind().dialect.name))


def _of_owner(session: Session, model: Any, what: ColumnElement[int]) -> int:
    found = select(what).select_from(model).where(model.owner == current_owner())
    return session.scalar(found) or 0


@cache
def _lengths(model: Any, backend: str) -> ColumnElement[int]:
    lengths: list[Any] = []
    for column in (each for table in mapper_of(model).tables for each in table.columns):
        kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
        if isinstance(kind, (String, JSON, LargeBinary)):
            lengths.append(func.coalesce(_length(column, kind, backend), 0))
    return func.sum(sum(lengths))


def _length(column: Any, kind: Any, backend: str) -> ColumnElement[int]:
    if backend == "sqlite":  # has octet_length only since 3.43
        return func.length(cast(column, LargeBinary))
    return func.octet_length(column if isinstance(kind, LargeBinary) else cast(column, Text))
