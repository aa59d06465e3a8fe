"""Pages: a list is answered in pages, which are bounded in rows and in bytes."""

from collections.abc import Iterable
from typing import Any

import orjson
from flask import Response

MAX_BYTES = 2**20
SIZE = "Less than asked for where the rows are long; go on with `page` and this size."
ROWS_AT_ONCE = 5  # to fetch with `Result.yield_per`, so that no row is read that is not answered


def page_of(rows: Iterable[Any], page: int, page_size: int, total: int | None) -> Response:
    """Answer with one page of a list: rows until they are longer than MAX_BYTES together.

    A page that is cut short says so: its `page_size` is the largest divisor of what was asked for
    that fits, and `page` counts in that size. A client that goes on with both misses no row.
    """
    items: list[orjson.Fragment] = []
    length = 0
    for row in rows:
        item = orjson.dumps(row)
        length += len(item)
        if items and length > MAX_BYTES:
            fitting = max(n for n in range(1, len(items) + 1) if page_size % n == 0)
            page, page_size = (page - 1) * page_size // fitting + 1, fitting
            del items[fitting:]
            break
        items.append(orjson.Fragment(item))
    found = {"items": items, "page": page, "page_size": page_size, "total": total}
    return Response(orjson.dumps(found), content_type="application/json")
