"""Faults of the model's API: each gets a timely error response, and only some are retried."""

import dataclasses
import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from ...conftest import PATIENCE, MakeApp
from ...support import model_faults as faults
from ...support.apps import client_of
from ...support.asking import app_that_asks
from ...support.model_api import Behaviour, ModelAPI, running_model_api
from ...support.model_faults import answers, says
from ...support.service import deadlines, settings, upstream

DEFAULTS: dict[str, Any] = {
    field.name: field.default for field in dataclasses.fields(settings.Settings)
}
DOWN = [502, 503, 504]
Say = Callable[[], TestResponse]


@pytest.fixture
def api() -> Iterator[ModelAPI]:
    with running_model_api() as api:
        yield api


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry without pauses."""
    monkeypatch.setattr(upstream, "PAUSES", (0, 0))


@pytest.fixture
def say(make_app: MakeApp, api: ModelAPI) -> Say:
    app = app_that_asks(make_app, api)
    return lambda: client_of(app).post("/say")


def asked(api: ModelAPI) -> int:
    return len(api.asked)


def test_completion_comes_with_its_token_counts(api: ModelAPI, say: Say) -> None:
    answer = say()
    assert answer.status_code == 200
    assert answer.get_json() == {
        "answer": "Ahoy!",
        "model": DEFAULTS["openai_model"],
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
    }
    sent = json.loads(api.asked[0].sent)
    assert sent["messages"] == [{"role": "user", "content": "Say it"}]
    assert sent["temperature"] == 0.5
    assert asked(api) == 1


@pytest.mark.parametrize(
    "fault",
    [
        says(b""),
        says(b"{"),
        says(b"null"),
        says(b'"text"'),
        says(b"[" * 100_000),
        says(b'{"usage": ' + b"9" * 5000 + b"}"),
        says(b"\xff\xfe{}"),
        says(faults.GOOD, 201),
        says(faults.GOOD, 302, Location="/v1/chat/completions"),
        says(b"", 500),
        says(b"", 401),
        says(b" " * 2_000_000 + faults.GOOD),
        answers(choices=[]),
        answers(choices=[{"message": {"content": None}}]),
        answers(choices={"0": 1}),
        answers(usage=None),
        answers(usage={"prompt_tokens": True, "completion_tokens": 1, "total_tokens": 1}),
        answers(usage={"prompt_tokens": -1, "completion_tokens": 1, "total_tokens": 1}),
        answers(usage={"prompt_tokens": 2**31, "completion_tokens": 1, "total_tokens": 1}),
        answers(model="m" * 201),
        answers(model=None),
        faults.never_ends,
        faults.closes_at_once,
        faults.closes_in_the_body,
        faults.speaks_no_http,
    ],
)
def test_invalid_upstream_response_is_a_502_without_retry(
    api: ModelAPI, say: Say, fault: Behaviour
) -> None:
    api.usual = fault
    answer = say()
    assert (answer.status_code, answer.content_type) == (502, "application/problem+json")
    assert asked(api) == 1


@pytest.mark.parametrize("fault", [faults.hangs, faults.drips_headers, faults.drips_body])
def test_slow_upstream_response_is_a_504_within_the_timeout(
    make_app: MakeApp, api: ModelAPI, fault: Behaviour
) -> None:
    api.usual = fault
    client = client_of(app_that_asks(make_app, api, openai_timeout=0.5))
    started = time.monotonic()
    assert client.post("/say").status_code == 504
    assert time.monotonic() - started < PATIENCE / 2
    assert asked(api) == 1


def test_upstream_timeout_is_below_the_request_deadline() -> None:
    assert DEFAULTS["openai_timeout"] < deadlines.SHARE * DEFAULTS["request_timeout"]


@pytest.mark.parametrize("status", DOWN)
def test_failing_upstream_is_retried_at_most_twice(api: ModelAPI, say: Say, status: int) -> None:
    api.usual = says(b"", status)
    assert say().status_code == 502
    assert asked(api) == 3


@pytest.mark.parametrize("status", [*DOWN, 429])
def test_upstream_that_recovers_between_retries_succeeds(
    api: ModelAPI, say: Say, status: int
) -> None:
    api.answers.extend([says(b"", status), says(b"", status)])
    assert say().status_code == 200
    assert asked(api) == 3


def test_unreachable_upstream_is_a_502(make_app: MakeApp, api: ModelAPI) -> None:
    app = app_that_asks(make_app, api)
    api.stop()
    assert client_of(app).post("/say").status_code == 502


def test_retry_after_is_honoured_in_seconds_and_as_a_date(api: ModelAPI, say: Say) -> None:
    for is_date in (False, True):
        soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
        wait = http_date(soon) if is_date else "1"
        api.answers.append(says(b"", 429, Retry_After=wait))
        started = time.monotonic()
        assert say().status_code == 200
        assert time.monotonic() - started > 0.5


@pytest.mark.parametrize(("status", "expected"), [(429, 503), (503, 502)])
def test_retry_after_beyond_the_deadline_fails_immediately(
    api: ModelAPI, say: Say, status: int, expected: int
) -> None:
    api.usual = says(b"", status, Retry_After=str(PATIENCE + 1))
    started = time.monotonic()
    answer = say()
    assert time.monotonic() - started < PATIENCE / 2
    assert answer.status_code == expected
    assert asked(api) == 1
    if status == 429:
        assert answer.headers["Retry-After"] == str(PATIENCE + 1)


@pytest.mark.parametrize(
    "wait", [None, "soon", "-1", "9" * 5000, "Mon, 01 Jan 99999999999 00:00:00 GMT", "0"]
)
def test_lasting_upstream_rate_limit_is_a_503_with_retry_after(
    api: ModelAPI, say: Say, wait: str | None
) -> None:
    api.usual = says(b"", 429, **({"Retry_After": wait} if wait else {}))
    answer = say()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert asked(api) == 3


def test_characters_a_database_cannot_store_are_replaced(api: ModelAPI, say: Say) -> None:
    content = "a\0b\ud800c \U0001f600"
    api.usual = answers(choices=[{"message": {"content": content}}])
    assert say().get_json()["answer"] == "a\ufffdb\ufffdc \U0001f600"
