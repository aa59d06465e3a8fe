"""Callers of the model: no owner can use up the calls or the tokens of the others."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask.testing import FlaskClient

from ...conftest import PATIENCE, MakeApp
from ...support.apps import client_of
from ...support.asking import app_that_asks
from ...support.model_api import ModelAPI, good, running_model_api
from ...support.model_faults import hangs, says
from ...support.service import callers, circuit_breaker, completions, settings, upstream


@pytest.fixture
def api() -> Iterator[ModelAPI]:
    with running_model_api() as api:
        yield api


def test_one_owner_gets_at_most_half_of_the_concurrent_calls(some_settings: dict[str, Any]) -> None:
    shared = callers.Callers(settings.Settings(**some_settings | {"web_threads": 8}))
    for _ in range(2):  # twice, since places are given back
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(shared.place("a"))
            with pytest.raises(callers.NoPlaceError), shared.place("a"):
                pytest.fail("taken")
            for owner in ("b", "b", "b", "c"):
                stack.enter_context(shared.place(owner))
            with pytest.raises(callers.NoPlaceError), shared.place("c"):
                pytest.fail("taken")


def test_without_owners_all_concurrent_calls_are_shared(some_settings: dict[str, Any]) -> None:
    shared = callers.Callers(settings.Settings(**some_settings | {"web_threads": 8}))
    with ExitStack() as stack:
        for _ in range(7):
            stack.enter_context(shared.place(None))
        with pytest.raises(callers.NoPlaceError), shared.place(None):
            pytest.fail("taken")


def test_circuit_breakers_of_recent_owners_are_kept(
    some_settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "REMEMBERED", 2)
    shared = callers.Callers(settings.Settings(**some_settings))
    first, second = shared.breaker("a"), shared.breaker("b")
    assert shared.breaker("a") is first
    shared.breaker("c")
    assert shared.breaker("a") is first
    assert shared.breaker("b") is not second


@pytest.mark.parametrize("fault", [hangs, says(b"", 500)])
def test_failures_of_one_owner_do_not_block_other_owners(
    make_app: MakeApp, api: ModelAPI, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit_breaker, "PAUSE", PATIENCE)
    app = app_that_asks(make_app, api, openai_timeout=0.3)
    client = client_of(app)
    api.usual = fault
    failed = {client.post("/say?owner=a").status_code for _ in range(circuit_breaker.FAILURES)}
    assert failed <= {502, 504}
    assert client.post("/say?owner=a").status_code == 503
    api.usual = good
    with app.app_context():
        upstream.current().seconds = PATIENCE / 2
    assert client.post("/say?owner=b").status_code == 200


def test_each_owner_has_a_daily_token_budget(make_app: MakeApp, api: ModelAPI) -> None:
    client = client_of(app_that_asks(make_app, api, openai_daily_tokens=8))
    assert spend(client, "a") == [200, 200, 429, 429]
    assert spend(client, "b") == [200, 200, 429, 429]
    assert len(api.asked) == 4
    refusal = client.post("/say?owner=a")
    assert 0 < int(refusal.headers["Retry-After"]) <= 86_400
    assert refusal.get_json()["detail"] == callers.USED_UP


def spend(client: FlaskClient, owner: str) -> list[int]:
    return [client.post(f"/say?owner={owner}").status_code for _ in range(4)]


def test_request_to_the_model_limits_completion_tokens(make_app: MakeApp, api: ModelAPI) -> None:
    client = client_of(app_that_asks(make_app, api, openai_max_tokens=100))
    assert client.post("/say").status_code == 200
    assert json.loads(api.asked[0].sent)["max_completion_tokens"] == 100


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, {"max_completion_tokens": 100}),
        ({"seed": 1}, {"seed": 1, "max_completion_tokens": 100}),
        ({"max_tokens": 2**62}, {"max_tokens": 100}),
        ({"max_tokens": 7}, {"max_tokens": 7}),
        ({"max_tokens": "200"}, {"max_tokens": 100}),
        (
            {"max_tokens": 1, "max_completion_tokens": 101},
            {"max_tokens": 1, "max_completion_tokens": 100},
        ),
    ],
)
def test_token_limit_applies_to_the_member_that_was_sent(
    asked: dict[str, Any], told: dict[str, Any]
) -> None:
    assert completions.bound(asked, 100) == told
    assert completions.bound(asked, 0) == asked
