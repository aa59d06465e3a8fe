"""Runs: they store the model's answer and its cost, and belong to an experiment and its owner."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import QueuePool
from werkzeug.test import TestResponse

from ..support.model_api import Handler, ModelAPI, good, shared_api
from ..support.model_faults import answers, says
from ..support.scratch import engine_of

EXPERIMENTS = "/api/v1/experiments"


@pytest.fixture
def api() -> Iterator[ModelAPI]:
    """The model API that the application of every test calls."""
    api = shared_api()
    api.asked.clear()
    yield api
    api.usual = good


@pytest.fixture
def experiment(caller: FlaskClient, api: ModelAPI) -> str:
    """The path of an experiment."""
    values = {
        "name": "tone",
        "query": "Say it like a pirate: hello",
        "temperature": 0.25,
        "parameters": {"top_p": 0.5, "seed": 7, "stream": True, "model": "dear", "n": 100},
    }
    return str(caller.post(EXPERIMENTS, json=values).headers["Location"])


def run(caller: FlaskClient, experiment: str, key: str = "") -> TestResponse:
    return caller.post(f"{experiment}/run", headers={"Idempotency-Key": key} if key else {})


def test_run_stores_the_answer_and_its_cost(caller: FlaskClient, experiment: str) -> None:
    before = dt.datetime.now(dt.UTC)
    answer = run(caller, experiment)
    assert answer.status_code == 201
    kept = answer.get_json()
    assert caller.get(answer.headers["Location"]).get_json() == kept
    assert answer.headers["Location"] == f"{experiment}/runs/{kept.pop('id')}"
    assert before <= dt.datetime.fromisoformat(kept.pop("created_at")) <= dt.datetime.now(dt.UTC)
    assert kept.pop("experiment_id") == int(experiment.rpartition("/")[2])
    assert kept.pop("model")
    assert kept == {
        "answer": "Ahoy!",
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
    }


def test_model_gets_query_temperature_and_allowed_parameters(
    caller: FlaskClient, experiment: str, api: ModelAPI
) -> None:
    run(caller, experiment)
    sent = json.loads(api.asked[0].sent)
    assert sent.pop("model") != "dear"
    assert sent == {
        "messages": [{"role": "user", "content": "Say it like a pirate: hello"}],
        "temperature": 0.25,
        "top_p": 0.5,
        "seed": 7,
    }


def test_no_connection_is_held_during_the_model_call(
    caller: FlaskClient, experiment: str, api: ModelAPI
) -> None:
    pool = engine_of(caller.application).pool
    assert isinstance(pool, QueuePool)
    held: list[int] = []

    def counts(handler: Handler) -> None:
        held.append(pool.checkedout())
        good(handler)

    api.usual = counts
    assert [run(caller, experiment, key).status_code for key in ("", "key")] == [201, 201]
    assert held == [0, 0]


def test_repeated_idempotency_key_calls_the_model_once(
    caller: FlaskClient, experiment: str, api: ModelAPI
) -> None:
    first, second = (run(caller, experiment, "key") for _ in range(2))
    assert first.get_json() == second.get_json()
    assert len(api.asked) == 1
    assert caller.get(f"{experiment}/runs").get_json()["total"] == 1


def test_failed_run_stores_nothing_and_can_be_retried(
    caller: FlaskClient, experiment: str, api: ModelAPI
) -> None:
    api.usual = says(b"{", 200)
    assert run(caller, experiment, "key").status_code == 502
    assert caller.get(f"{experiment}/runs").get_json()["total"] == 0
    api.usual = good
    assert run(caller, experiment, "key").status_code == 201


def test_answer_may_be_any_text(caller: FlaskClient, experiment: str, api: ModelAPI) -> None:
    text = "\U0001f600 é\u2028\x01" * 20_000
    api.usual = answers(choices=[{"message": {"content": text}}])
    kept = run(caller, experiment)
    assert caller.get(kept.headers["Location"]).get_json()["answer"] == text


def test_runs_are_paginated_with_the_newest_first(caller: FlaskClient, experiment: str) -> None:
    made = [run(caller, experiment).get_json() for _ in range(3)]
    page = caller.get(f"{experiment}/runs?page_size=2").get_json()
    assert page == {"items": made[:0:-1], "page": 1, "page_size": 2, "total": 3}
    assert caller.get(f"{experiment}/runs?page=2&page_size=2").get_json()["items"] == made[:1]
    for wrong in ("page=0", "page_size=101", "sort=id"):
        assert caller.get(f"{experiment}/runs?{wrong}").status_code == 422


def test_deleting_an_experiment_deletes_its_runs(caller: FlaskClient, experiment: str) -> None:
    location = run(caller, experiment).headers["Location"]
    tag = caller.get(experiment).headers["ETag"]
    assert caller.delete(experiment, headers={"If-Match": tag}).status_code == 204
    for path in (location, f"{experiment}/runs"):
        assert caller.get(path).status_code == 404
    assert run(caller, experiment).status_code == 404


def test_experiment_deleted_during_the_run_is_not_found(
    caller: FlaskClient, experiment: str, api: ModelAPI
) -> None:
    tag = caller.get(experiment).headers["ETag"]
    client = caller.application.test_client()
    client.environ_base = caller.environ_base

    def deletes(handler: Handler) -> None:
        assert client.delete(experiment, headers={"If-Match": tag}).status_code == 204
        good(handler)

    api.usual = deletes
    assert run(caller, experiment, "key").status_code == 404


def test_unknown_experiment_does_not_call_the_model(caller: FlaskClient, api: ModelAPI) -> None:
    for number in (0, 999, 2**31, 10**30):
        assert run(caller, f"{EXPERIMENTS}/{number}").status_code == 404
    assert not api.asked
