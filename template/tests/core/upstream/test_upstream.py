"""The model's API at its worst: each fault gets its answer in time, and it is asked again where that helps."""

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
    """Retries come at once."""
    monkeypatch.setattr(upstream, "PAUSES", (0, 0))


@pytest.fixture
def say(make_app: MakeApp, api: ModelAPI) -> Say:
    app = app_that_asks(make_app, api)
    return lambda: client_of(app).post("/say")


def asked(api: ModelAPI) -> int:
    return len(api.asked)


def test_a_good_answer_comes_with_its_cost(api: ModelAPI, say: Say) -> None:
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
def test_an_answer_of_no_use_is_a_502_and_not_asked_for_again(
    api: ModelAPI, say: Say, fault: Behaviour
) -> None:
    api.usual = fault
    answer = say()
    assert (answer.status_code, answer.content_type) == (502, "application/problem+json")
    assert asked(api) == 1


@pytest.mark.parametrize("fault", [faults.hangs, faults.drips_headers, faults.drips_body])
def test_a_slow_answer_is_a_504_in_time(make_app: MakeApp, api: ModelAPI, fault: Behaviour) -> None:
    api.usual = fault
    client = client_of(app_that_asks(make_app, api, openai_timeout=0.5))
    started = time.monotonic()
    assert client.post("/say").status_code == 504
    assert time.monotonic() - started < PATIENCE / 2
    assert asked(api) == 1


def test_the_wait_is_less_than_a_request_may_take() -> None:
    assert DEFAULTS["openai_timeout"] < deadlines.SHARE * DEFAULTS["request_timeout"]


@pytest.mark.parametrize("status", DOWN)
def test_an_upstream_that_is_down_is_asked_twice_more_at_most(
    api: ModelAPI, say: Say, status: int
) -> None:
    api.usual = says(b"", status)
    assert say().status_code == 502
    assert asked(api) == 3


@pytest.mark.parametrize("status", [*DOWN, 429])
def test_an_upstream_that_comes_back_between_retries_answers(
    api: ModelAPI, say: Say, status: int
) -> None:
    api.answers.extend([says(b"", status), says(b"", status)])
    assert say().status_code == 200
    assert asked(api) == 3


def test_where_nobody_listens_the_answer_is_a_502(make_app: MakeApp, api: ModelAPI) -> None:
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
def test_a_wait_beyond_the_deadline_fails_at_once(
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
def test_a_limit_that_lasts_is_a_503_that_says_when(
    api: ModelAPI, say: Say, wait: str | None
) -> None:
    api.usual = says(b"", 429, **({"Retry_After": wait} if wait else {}))
    answer = say()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert asked(api) == 3


def test_text_that_no_database_holds_is_mended(api: ModelAPI, say: Say) -> None:
    content = "a\0b\ud800c \U0001f600"
    api.usual = answers(choices=[{"message": {"content": content}}])
    assert say().get_json()["answer"] == "a\ufffdb\ufffdc \U0001f600"
