"""Changing and deleting experiments: If-Match prevents lost updates."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from .conftest import URL, Create

CALLERS = 4


def patch(caller: FlaskClient, answer: TestResponse, **values: Any) -> TestResponse:
    """Change the experiment if it still has the version of this response."""
    location = f"{URL}/{answer.get_json()['id']}"
    return caller.patch(location, json=values, headers={"If-Match": answer.headers["ETag"]})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "another"),
        ("query", "Say it again 😀"),
        ("limit", 100),
        ("temperature", 0.7),
        ("status", "running"),
        ("parameters", {"seed": 7}),
        ("scheduled_at", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_patch_changes_only_the_given_field(
    caller: FlaskClient, tone: TestResponse, field: str, value: Any
) -> None:
    answer = patch(caller, tone, **{field: value})
    assert answer.status_code == 200
    before, after = tone.get_json(), answer.get_json()
    updated = [dt.datetime.fromisoformat(state.pop("updated_at")) for state in (before, after)]
    assert updated[0] < updated[1]
    assert after == before | {field: value}
    assert answer.headers["ETag"] != tone.headers["ETag"]
    assert caller.get(tone.headers["Location"]).headers["ETag"] == answer.headers["ETag"]


def test_consecutive_changes_use_the_new_etag(caller: FlaskClient, tone: TestResponse) -> None:
    scheduled = patch(caller, tone, status="scheduled", scheduled_at="2027-01-01T02:00:00+02:00")
    assert scheduled.get_json()["scheduled_at"] == "2027-01-01T00:00:00+00:00"
    drafted = patch(caller, scheduled, status="draft", scheduled_at=None)
    assert (drafted.status_code, drafted.get_json()["scheduled_at"]) == (200, None)


def test_empty_patch_keeps_the_version(caller: FlaskClient, tone: TestResponse) -> None:
    answer = patch(caller, tone)
    assert (answer.status_code, answer.get_json()) == (200, tone.get_json())
    assert answer.headers["ETag"] == tone.headers["ETag"]


def test_invalid_patch_names_the_field_and_changes_nothing(
    caller: FlaskClient, tone: TestResponse
) -> None:
    faults = {"name": "", "limit": 0, "status": None, "id": 7, "unknown": 1}
    for field, value in faults.items():
        answer = patch(caller, tone, **({"query": "changed"} | {field: value}))
        assert answer.status_code == 422, field
        assert [error["field"] for error in answer.get_json()["errors"]] == [field]
    assert caller.get(tone.headers["Location"]).get_json() == tone.get_json()


def test_patch_to_an_existing_name_is_rejected(
    caller: FlaskClient, tone: TestResponse, create: Create
) -> None:
    other = create(name="taken")
    assert patch(caller, tone, name="taken").status_code == 409
    assert patch(caller, other, name="taken").status_code == 200


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_stale_or_missing_etag_is_rejected(
    caller: FlaskClient, tone: TestResponse, method: str
) -> None:
    location = tone.headers["Location"]
    body = {"limit": 7} if method == "PATCH" else None
    assert caller.open(location, method=method, json=body).status_code == 428
    for match in ('"0"', 'W/"1"', "", '"'):
        answer = caller.open(location, method=method, json=body, headers={"If-Match": match})
        assert answer.status_code == 412, match
        assert answer.content_type == "application/problem+json"
    assert caller.get(location).get_json() == tone.get_json()


def test_one_of_many_concurrent_patches_succeeds(
    app: Flask, caller: FlaskClient, tone: TestResponse
) -> None:
    def change(limit: int) -> int:
        own = app.test_client()
        own.environ_base = caller.environ_base
        return patch(own, tone, limit=limit).status_code

    with ThreadPoolExecutor(CALLERS) as callers:
        statuses = list(callers.map(change, range(1, CALLERS + 1)))
    assert sorted(statuses) == [200, 412, 412, 412]
    stored = caller.get(tone.headers["Location"]).get_json()["limit"]
    assert stored == statuses.index(200) + 1


def test_deleted_experiment_is_not_found(
    caller: FlaskClient, tone: TestResponse, create: Create
) -> None:
    location, headers = tone.headers["Location"], {"If-Match": tone.headers["ETag"]}
    answer = caller.delete(location, headers=headers)
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert caller.get(location).status_code == 404
    assert caller.delete(location, headers=headers).status_code == 404
    assert patch(caller, tone, limit=7).status_code == 404
    assert caller.get(URL).get_json()["total"] == 0
    assert create().status_code == 201
