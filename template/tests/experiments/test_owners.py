"""Owners: an experiment of another owner is a 404."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from .conftest import URL


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_experiment_of_another_owner_is_not_found(
    caller: FlaskClient, other: FlaskClient, tone: TestResponse, method: str
) -> None:
    location, headers = tone.headers["Location"], {"If-Match": tone.headers["ETag"]}
    body = {"limit": 7} if method == "PATCH" else None
    answer = other.open(location, method=method, json=body, headers=headers)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert caller.get(location).get_json() == tone.get_json()


def test_list_contains_only_own_experiments(
    caller: FlaskClient, other: FlaskClient, tone: TestResponse
) -> None:
    assert other.get(URL).get_json() == {"items": [], "page": 1, "page_size": 20, "total": 0}
    assert caller.get(URL).get_json()["total"] == 1


def test_owners_may_use_the_same_names_and_idempotency_keys(
    caller: FlaskClient, other: FlaskClient
) -> None:
    body, headers = {"name": "tone", "query": "Say hello"}, {"Idempotency-Key": "key"}
    answers = [client.post(URL, json=body, headers=headers) for client in (caller, other)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json()["id"] != answers[1].get_json()["id"]


def test_anonymous_requests_are_rejected(client: FlaskClient, tone: TestResponse) -> None:
    for method, path in [("GET", URL), ("POST", URL), ("GET", tone.headers["Location"])]:
        assert client.open(path, method=method).status_code == 401
