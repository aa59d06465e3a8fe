"""Pages: bounded in bytes, and a client that goes on as a page says misses no row."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...support.service import pagination


def page_of(lengths: list[int], page: int, page_size: int) -> dict[str, Any]:
    """The page of a list of texts as long as told, as a view makes it."""
    rows = ["a" * length for length in lengths]
    part = rows[(page - 1) * page_size : page * page_size]
    found: dict[str, Any] = pagination.page_of(iter(part), page, page_size, len(rows)).get_json()
    return found


def test_a_page_holds_what_was_asked_for_and_the_total() -> None:
    found = page_of([1, 2, 3], 2, 2)
    assert found == {"items": ["aaa"], "page": 2, "page_size": 2, "total": 3}


def test_a_page_of_long_rows_is_smaller() -> None:
    third = pagination.MAX_BYTES // 3
    found = page_of([third] * 100, 3, 20)
    assert (len(found["items"]), found["page"], found["page_size"]) == (2, 21, 2)


def test_a_row_that_is_longer_than_a_page_is_a_page() -> None:
    found = page_of([1, 2 * pagination.MAX_BYTES, 1], 1, 3)
    assert (found["items"], found["page"], found["page_size"]) == (["a"], 1, 1)
    found = page_of([1, 2 * pagination.MAX_BYTES, 1], 2, 1)
    assert (len(found["items"]), found["page"], found["page_size"]) == (1, 2, 1)


def test_no_more_rows_are_read_than_are_answered_and_the_one_that_is_too_much() -> None:
    read: list[int] = []

    def rows() -> Iterator[str]:
        for number in range(100):
            read.append(number)
            yield "a" * (pagination.MAX_BYTES // 2 - 10)

    pagination.page_of(rows(), 1, 100, 100)
    assert len(read) == 3


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40), st.integers(1, 5), st.integers(1, 20))
def test_going_on_with_the_size_of_a_page_misses_no_row(
    lengths: list[int], page: int, page_size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pagination, "MAX_BYTES", 100)
        seen = (page - 1) * page_size
        while seen < len(lengths):
            found = page_of(lengths, page, page_size)
            assert (found["page"] - 1) * found["page_size"] == seen
            assert [len(item) for item in found["items"]] == lengths[
                seen : seen + len(found["items"])
            ]
            assert len(found["items"]) == min(found["page_size"], len(lengths) - seen)
            page, page_size = found["page"] + 1, found["page_size"]
            seen += len(found["items"])
