"""Reading experiments: one with its ETag, and lists that are paginated, filtered and sorted."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ..support.service import pagination
from .conftest import URL, Create

WRONG: dict[str, list[Any]] = {
    "page": ["0", "-1", "abc", "", "1.0", "1_0", "1000001", 2**63],
    "page_size": ["0", "101", "-1", "٣", 2**63],
    "status": ["DRAFT", "", "unknown", "draft,running"],
    "sort": ["", "owner", "id", "--name", "name;", "NAME", "query"],
    "unknown": ["1"],
    "owner": ["1"],
    "Page": ["1"],
}
ANY = {"If-Match": "*"}
SORTS = ["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"]


@pytest.fixture
def five(create: Create) -> list[str]:
    """The names of five experiments, in order of creation."""
    names = ["c", "a", "e", "b", "d"]
    for name in names:
        status = "running" if name in "ab" else "draft"
        assert create(name=name, status=status).status_code == 201
    return names


def page(caller: FlaskClient, **arguments: Any) -> dict[str, Any]:
    answer = caller.get(URL, query_string=arguments)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def names(caller: FlaskClient, **arguments: Any) -> list[str]:
    return [item["name"] for item in page(caller, **arguments)["items"]]


def test_experiment_is_returned_with_its_etag(caller: FlaskClient, tone: TestResponse) -> None:
    location, tag = tone.headers["Location"], tone.headers["ETag"]
    answer = caller.get(location)
    assert (answer.status_code, answer.get_json()) == (200, tone.get_json())
    assert answer.headers["ETag"] == tag
    assert caller.get(location, headers={"If-None-Match": tag}).status_code == 304


def test_unknown_ids_are_not_found(caller: FlaskClient) -> None:
    beyond = ["2147483647", "2147483648", "9" * 30]
    for number in ["0", "1", "-1", *beyond, "abc", "1.5", "%00", "1%00"]:
        for method in ("GET", "PATCH", "DELETE"):
            answer = caller.open(f"{URL}/{number}", method=method, json={}, headers=ANY)
            assert answer.status_code == 404, (method, number)
            assert answer.content_type == "application/problem+json"


def test_empty_list(caller: FlaskClient) -> None:
    assert page(caller) == {"items": [], "page": 1, "page_size": 20, "total": 0}


def test_list_contains_a_created_experiment(caller: FlaskClient, tone: TestResponse) -> None:
    assert page(caller)["items"] == [tone.get_json()]


def test_pages_split_the_list(caller: FlaskClient, five: list[str]) -> None:
    parts = {1: ["a", "b"], 2: ["c", "d"], 3: ["e"], 4: [], 10**6: []}
    for number, expected in parts.items():
        found = page(caller, sort="name", page_size=2, page=number)
        assert [item["name"] for item in found["items"]] == expected
        assert (found["page"], found["page_size"], found["total"]) == (number, 2, 5)


def test_page_size_may_be_100(caller: FlaskClient, five: list[str]) -> None:
    assert page(caller, page_size=100)["page_size"] == 100


def test_shortened_page_and_its_successors_miss_no_row(
    caller: FlaskClient, five: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "MAX_BYTES", 3 * len(caller.get(f"{URL}?page_size=1").data))
    found = page(caller, sort="name", page_size=4)
    assert (found["page"], found["page_size"], found["total"]) == (1, 2, 5)
    rest = page(caller, sort="name", page_size=2, page=2)["items"]
    assert [item["name"] for item in found["items"] + rest] == ["a", "b", "c", "d"]
    second = page(caller, sort="name", page_size=4, page=2)
    assert (second["page"], [item["name"] for item in second["items"]]) == (2, ["e"])


def test_list_is_filtered_by_status(caller: FlaskClient, five: list[str]) -> None:
    assert names(caller, status="running", sort="name") == ["a", "b"]
    assert page(caller, status="running")["total"] == 2
    assert page(caller, status="failed")["total"] == 0


def test_list_is_sorted(caller: FlaskClient, five: list[str]) -> None:
    for sort in SORTS:
        expected = sorted(five) if sort.endswith("name") else five
        assert names(caller, sort=sort) == (expected[::-1] if sort.startswith("-") else expected)


def test_newest_experiments_come_first_by_default(caller: FlaskClient, five: list[str]) -> None:
    assert names(caller) == five[::-1]


@pytest.mark.parametrize("name", WRONG)
def test_invalid_argument_is_rejected_with_its_name(caller: FlaskClient, name: str) -> None:
    for value in WRONG[name]:
        answer = caller.get(URL, query_string={name: value})
        assert answer.status_code == 422, value
        [error] = answer.get_json()["errors"]
        assert (error["in"], error["field"]) == ("query", name)
