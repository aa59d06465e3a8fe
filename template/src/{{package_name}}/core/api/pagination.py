"""Pagination: lists are returned in pages, limited in rows and in bytes."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from flask import Response
from marshmallow import Schema, fields, validate
from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from .fields import QueryInteger

MAX_BYTES = 2**20
SIZE = "Smaller than requested if the rows are large; continue with `page` and this size."
ROWS_AT_ONCE = 5  # fetched per batch, so that few rows are read and then not sent


class PageArguments(Schema):
    """Selects a page of a list; add the list's own arguments in a subclass."""

    page = QueryInteger(load_default=1, validate=validate.Range(1, 1_000_000))
    page_size = QueryInteger(load_default=20, validate=validate.Range(1, 100))


class PageOut(Schema):
    """One page of a list; add `items` in a subclass."""

    page = fields.Integer(required=True)
    page_size = fields.Integer(required=True, metadata={"description": SIZE})
    total = fields.Integer(required=True)


class CursorArguments(Schema):
    """Where a page starts: at the first row, or after the page that returned this `next_cursor`."""

    cursor = QueryInteger(validate=validate.Range(0, 2**31 - 1))
    page_size = QueryInteger(load_default=20, validate=validate.Range(1, 100))


class CursorPageOut(Schema):
    """One page of a list; add `items` in a subclass."""

    next_cursor = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )


def paginate(
    session: Session, query: Select[Any], arguments: Mapping[str, Any], schema: Schema
) -> Response:
    """Return the page of the query's rows that PageArguments select, and the total row count.

    `query` must select a model, and order it so that no two rows are equal.
    """
    page, page_size = arguments["page"], arguments["page_size"]
    counted = select(func.count()).select_from(query.order_by(None).subquery())
    rows = session.scalars(query.limit(page_size).offset((page - 1) * page_size))
    items = map(schema.dump, rows.yield_per(ROWS_AT_ONCE))
    return page_of(items, page, page_size, session.scalar(counted))


def paginate_by_cursor(
    session: Session,
    query: Select[Any],
    key: InstrumentedAttribute[int],
    arguments: Mapping[str, Any],
    schema: Schema,
) -> Response:
    """Return the query's rows after a cursor, in descending order of `key`.

    Every page costs the same, however deep it is in the list, and rows added meanwhile do not shift
    it. `key` must be unique and fit 31 bits, like an ID. It replaces the query's own order.
    """
    page_size = arguments["page_size"]
    if "cursor" in arguments:
        query = query.where(key < arguments["cursor"])
    newest = query.order_by(None).order_by(key.desc())
    rows = session.scalars(newest.limit(page_size + 1))
    items, last = list[orjson.Fragment](), None
    length = 0
    for row in rows.yield_per(ROWS_AT_ONCE):
        item = orjson.dumps(schema.dump(row), default=str)
        length += len(item)
        if len(items) == page_size or (items and length > MAX_BYTES):
            return _json({"items": items, "next_cursor": last})
        items.append(orjson.Fragment(item))
        last = getattr(row, key.key)
    return _json({"items": items, "next_cursor": None})


def page_of(rows: Iterable[Any], page: int, page_size: int, total: int | None) -> Response:
    """Return one page of serialized rows, as many as fit in MAX_BYTES.

    A page that is cut short says so: its `page_size` is the largest divisor of the requested size
    that fits, and `page` counts in that size. A client that continues with both misses no row.
    """
    items: list[orjson.Fragment] = []
    length = 0
    for row in rows:
        item = orjson.dumps(row, default=str)
        length += len(item)
        if items and length > MAX_BYTES:
            fitting = max(n for n in range(1, len(items) + 1) if page_size % n == 0)
            page, page_size = (page - 1) * page_size // fitting + 1, fitting
            del items[fitting:]
            break
        items.append(orjson.Fragment(item))
    return _json({"items": items, "page": page, "page_size": page_size, "total": total})


def _json(members: Any) -> Response:
    return Response(orjson.dumps(members), content_type="application/json")
