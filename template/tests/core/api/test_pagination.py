"""Pagination: pages are bounded in bytes, and a client that follows them misses no row."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields
from sqlalchemy import select
from sqlalchemy.orm import aliased

from ...conftest import MakeApp
from ...support.scratch import Note, scratch_tables
from ...support.service import database, pagination


def page_of(lengths: list[int], page: int, page_size: int) -> dict[str, Any]:
    """A page of texts of the given lengths, as a view sends it."""
    rows = ["a" * length for length in lengths]
    part = rows[(page - 1) * page_size : page * page_size]
    found: dict[str, Any] = pagination.page_of(iter(part), page, page_size, len(rows)).get_json()
    return found


def test_page_holds_the_requested_rows_and_the_total() -> None:
    found = page_of([1, 2, 3], 2, 2)
    assert found == {"items": ["aaa"], "page": 2, "page_size": 2, "total": 3}


def test_page_of_long_rows_is_shortened() -> None:
    third = pagination.MAX_BYTES // 3
    found = page_of([third] * 100, 3, 20)
    assert (len(found["items"]), found["page"], found["page_size"]) == (2, 21, 2)


def test_oversized_row_is_a_page_of_its_own() -> None:
    found = page_of([1, 2 * pagination.MAX_BYTES, 1], 1, 3)
    assert (found["items"], found["page"], found["page_size"]) == (["a"], 1, 1)
    found = page_of([1, 2 * pagination.MAX_BYTES, 1], 2, 1)
    assert (len(found["items"]), found["page"], found["page_size"]) == (1, 2, 1)


def test_at_most_one_row_more_than_sent_is_read() -> None:
    read: list[int] = []

    def rows() -> Iterator[str]:
        for number in range(100):
            read.append(number)
            yield "a" * (pagination.MAX_BYTES // 2 - 10)

    pagination.page_of(rows(), 1, 100, 100)
    assert len(read) == 3


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40), st.integers(1, 5), st.integers(1, 20))
def test_continuing_with_the_returned_page_size_misses_no_row(
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


class NoteOut(Schema):
    """A note in a response."""

    text = fields.String()


@pytest.fixture
def notes(make_app: MakeApp) -> Iterator[list[str]]:
    """The texts of seven notes in the database, ordered by ID."""
    app, texts = make_app(), list("abcdefg")
    with scratch_tables(app), app.test_request_context():
        with database.transaction() as session:
            for number, text in enumerate(texts):
                session.add(Note(text=text, number=number % 2))
                session.flush()
        yield texts


def texts_of(found: dict[str, Any]) -> str:
    return "".join(item["text"] for item in found["items"])


def paginate(**arguments: int) -> dict[str, Any]:
    query = select(Note).where(Note.number == 0).order_by(Note.id.desc())
    given = pagination.PageArguments().load({name: str(n) for name, n in arguments.items()})
    with database.transaction() as session:
        found: dict[str, Any] = pagination.paginate(session, query, given, NoteOut()).get_json()
    return found


@pytest.mark.usefixtures("notes")
def test_query_is_paginated_with_its_total() -> None:
    first, second, beyond = (paginate(page=number, page_size=3) for number in (1, 2, 3))
    assert [texts_of(page) for page in (first, second, beyond)] == ["gec", "a", ""]
    assert {page["total"] for page in (first, second, beyond)} == {4}
    assert (second["page"], second["page_size"]) == (2, 3)


def by_cursor(**arguments: int) -> dict[str, Any]:
    given = pagination.CursorArguments().load({name: str(n) for name, n in arguments.items()})
    with database.transaction() as session:
        response = pagination.paginate_by_cursor(session, select(Note), Note.id, given, NoteOut())
    found: dict[str, Any] = response.get_json()
    return found


def pages_by_cursor(page_size: int) -> Iterator[str]:
    page = by_cursor(page_size=page_size)
    yield texts_of(page)
    while page["next_cursor"] is not None:
        page = by_cursor(page_size=page_size, cursor=page["next_cursor"])
        yield texts_of(page)


@pytest.mark.usefixtures("notes")
@pytest.mark.parametrize(("page_size", "pages"), [(3, ["gfe", "dcb", "a"]), (7, ["gfedcba"])])
def test_following_the_cursor_visits_every_row_once(page_size: int, pages: list[str]) -> None:
    assert list(pages_by_cursor(page_size)) == pages


@pytest.mark.usefixtures("notes")
def test_row_added_between_requests_shifts_no_page() -> None:
    first = by_cursor(page_size=3)
    with database.transaction() as session:
        session.add(Note(text="new"))
    assert texts_of(by_cursor(page_size=3, cursor=first["next_cursor"])) == "dcb"


@pytest.mark.usefixtures("notes")
def test_cursor_page_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination, "MAX_BYTES", 30)  # two and a half rows
    assert list(pages_by_cursor(7)) == ["gf", "ed", "cb", "a"]


@pytest.mark.usefixtures("notes")
def test_cursor_order_replaces_the_order_of_the_query() -> None:
    given = pagination.CursorArguments().load({"page_size": "3"})
    query = select(Note).order_by(Note.number, Note.id)
    with database.transaction() as session:
        response = pagination.paginate_by_cursor(session, query, Note.id, given, NoteOut())
    assert texts_of(response.get_json()) == "gfe"


@pytest.mark.usefixtures("notes")
def test_total_counts_the_rows_of_a_grouped_query() -> None:
    other = aliased(Note)
    query = (
        select(Note).join(other, other.number == Note.number).group_by(Note.id).order_by(Note.id)
    )
    given = pagination.PageArguments().load({})
    with database.transaction() as session:
        found = pagination.paginate(session, query, given, NoteOut()).get_json()
    assert (texts_of(found), found["total"]) == ("abcdefg", 7)
