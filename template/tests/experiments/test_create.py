"""Creating experiments: documented defaults, a clear error for each fault, unique names."""

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..support.routes import description
from .conftest import URL, Create

CALLERS = 4
INT64 = 2**63
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-INT64, INT64 - 1) | st.floats(-9.2e18, 9.2e18) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
# Often an object with members: those generated from the OpenAPI document are mostly empty.
PARAMETERS = st.none() | st.dictionaries(TEXT, JSON, min_size=1, max_size=3)
numbers = itertools.count()
FAULTS: dict[str, list[Any]] = {
    "name": ["", " \t", "x" * 101, 5, None, ["x"]],
    "query": ["", "\n", "x" * 10_001, True, None],
    "limit": [0, 101, -1, 2**31, 1.5, "5", True, None],
    "temperature": [-0.01, 2.01, 0.001, 1e300, "1", True, None],
    "status": ["DRAFT", "", "unknown", 1, None],
    "parameters": [[], "x", 1, None, {"a": [INT64]}, {"a": -INT64 - 1}],
    "scheduled_at": [
        *["", "soon", 5, "2026-01-01", "2026-01-01T00:00:00"],
        *["1969-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
    ],
    "id": [1],
    "owner": ["x"],
    "version": [1],
    "created_at": ["2026-01-01T00:00:00Z"],
    "unknown": [None],
}


def test_only_name_and_query_are_required(caller: FlaskClient) -> None:
    before = dt.datetime.now(dt.UTC)
    answer = caller.post(URL, json={"name": "tone", "query": "Say hello"})
    assert answer.status_code == 201
    experiment = answer.get_json()
    number = experiment.pop("id")
    created_at = dt.datetime.fromisoformat(experiment.pop("created_at"))
    updated_at = dt.datetime.fromisoformat(experiment.pop("updated_at"))
    assert before <= created_at <= dt.datetime.now(dt.UTC)
    assert abs(updated_at - created_at) < dt.timedelta(seconds=1)
    assert experiment == {
        "name": "tone",
        "query": "Say hello",
        "limit": 10,
        "temperature": 1,
        "status": "draft",
        "parameters": {},
        "scheduled_at": None,
    }
    assert answer.headers["Location"] == f"{URL}/{number}"
    again = caller.get(answer.headers["Location"])
    assert again.get_json() == answer.get_json()
    assert again.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("field", FAULTS)
def test_invalid_value_is_rejected_with_its_field(create: Create, field: str) -> None:
    for value in FAULTS[field]:
        answer = create(**{field: value})
        assert answer.status_code == 422, value
        assert answer.content_type == "application/problem+json"
        [error] = answer.get_json()["errors"]
        assert (error["in"], error["field"]) == ("body", field)
        assert error["reason"]


@pytest.mark.parametrize("missing", ["name", "query"])
def test_missing_required_field_is_named(caller: FlaskClient, missing: str) -> None:
    body = {"name": "tone", "query": "Say hello"}
    del body[missing]
    answer = caller.post(URL, json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [missing]


def test_all_invalid_fields_are_listed(create: Create) -> None:
    answer = create(name="", limit=0, unknown=1)
    fields = {error["field"] for error in answer.get_json()["errors"]}
    assert fields == {"name", "limit", "unknown"}


def test_body_must_be_an_object(caller: FlaskClient) -> None:
    for body in ("null", "[]", '"x"', "5", '[{"name": "a", "query": "q"}]'):
        answer = caller.post(URL, data=body, content_type="application/json")
        assert answer.status_code == 422, body


def test_name_is_unique_and_compared_exactly(create: Create) -> None:
    assert create().status_code == 201
    taken = create()
    assert taken.status_code == 409
    assert taken.get_json()["errors"] == [
        {"in": "body", "field": "name", "reason": "Already taken."}
    ]
    assert create(name="Tone").status_code == 201
    assert create(name="tone ").status_code == 201


def test_concurrent_creations_with_one_name_create_one_row(app: Flask, caller: FlaskClient) -> None:
    def create_tone(_: int) -> int:
        own = app.test_client()
        own.environ_base = caller.environ_base
        return own.post(URL, json={"name": "tone", "query": "Say hello"}).status_code

    with ThreadPoolExecutor(CALLERS) as callers:
        statuses = sorted(callers.map(create_tone, range(CALLERS)))
    assert statuses == [201, 409, 409, 409]


def test_repeated_idempotency_key_creates_one_experiment(caller: FlaskClient) -> None:
    body = {"name": "tone", "query": "Say hello"}
    first, second = (
        caller.post(URL, json=body, headers={"Idempotency-Key": "key"}) for _ in range(2)
    )
    assert (first.status_code, first.get_json()) == (201, second.get_json())
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert caller.get(URL).get_json()["total"] == 1


@pytest.fixture
def bodies(app: Flask) -> st.SearchStrategy[Any]:
    """Request bodies that the OpenAPI document allows for creating an experiment."""
    return description(app)[URL]["POST"].as_strategy().map(lambda case: case.body)


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), parameters=PARAMETERS)
def test_valid_bodies_are_returned_unchanged(
    bodies: st.SearchStrategy[Any],
    caller: FlaskClient,
    data: st.DataObject,
    parameters: dict[str, Any] | None,
) -> None:
    sent = data.draw(bodies) | ({"parameters": parameters} if parameters else {})
    sent["name"] = f"{next(numbers)} {sent['name']}"[:100]
    answer = caller.post(URL, json=sent)
    assert answer.status_code == 201
    back = answer.get_json()
    for moments in (sent, back):
        if moments.get("scheduled_at"):
            moments["scheduled_at"] = dt.datetime.fromisoformat(moments["scheduled_at"])
    assert {field: back[field] for field in sent} == sent


def test_largest_values_are_returned_unchanged(create: Create) -> None:
    widest = {
        "name": "😀" * 100,
        "query": f" {'😀' * 9_998}\n",  # including its whitespace
        "parameters": {"😀": ["é \u2028", INT64 - 1, -INT64, -9.2e18, 5e-324, -0.0]},
        "scheduled_at": "9999-12-30T00:00:00+00:00",
    }
    answer = create(**widest)
    assert answer.status_code == 201
    assert answer.get_json().items() >= widest.items()
    earliest = "1970-01-01T00:00:00+00:00"
    assert create(scheduled_at=earliest).get_json()["scheduled_at"] == earliest


def test_parameters_may_be_nested_as_deeply_as_a_body(create: Create) -> None:
    deep: Any = 1
    for _ in range(30):
        deep = [deep]
    answer = create(parameters={"deep": deep})
    assert answer.status_code == 201
    assert answer.get_json()["parameters"] == {"deep": deep}
