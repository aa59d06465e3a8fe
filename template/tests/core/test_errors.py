"""Errors: every 4xx and 5xx has the same shape, and reveals nothing internal."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.exceptions import BadRequestKeyError, Conflict, default_exceptions
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from ..conftest import MakeApp
from ..support.apps import client_of, further_app, written_log
from ..support.service import errors

CANARY = "canary-of-what-is-internal"

Ask = Callable[[Exception], TestResponse]


@pytest.fixture(scope="module")
def failing(shared_app: Flask, some_settings: dict[str, Any]) -> Iterator[Flask]:
    """An application whose route raises the exception that a test sets."""
    with further_app(some_settings) as app:

        @app.get("/raise")
        def fail() -> str:
            raise app.extensions["raised"]

        yield app


@pytest.fixture
def ask(failing: Flask, credential: dict[str, str]) -> Ask:
    """A function that returns that route's response to an exception."""

    def answer(error: Exception) -> TestResponse:
        failing.extensions["raised"] = error
        return client_of(failing, credential).get("/raise")

    return answer


def check_problem(answer: TestResponse, status: int) -> None:
    """Check for a problem document (RFC 9457) with the request ID."""
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["type"] == "about:blank"
    assert body["title"] == HTTPStatus(status).phrase
    assert body["status"] == status
    assert body["detail"].endswith(".")
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert set(body) <= {"type", "title", "status", "detail", "request_id", "errors"}
    assert CANARY not in answer.text


@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_http_exceptions_become_problems_without_their_own_text(ask: Ask, status: int) -> None:
    check_problem(ask(default_exceptions[status](description=CANARY)), status)


def test_problem_has_the_default_detail_of_its_status(ask: Ask) -> None:
    for status, detail in errors.DETAILS.items():
        answer = ask(errors.ProblemError(status))
        check_problem(answer, status)
        assert answer.get_json()["detail"] == detail
        assert "errors" not in answer.get_json()


def test_problem_may_have_its_own_detail_errors_and_headers(ask: Ask) -> None:
    reasons = [{"in": "body", "field": "name", "reason": "Too long."}]
    error = errors.ProblemError(422, "Not so.", errors=reasons, headers={"X-More": "1"})
    answer = ask(error)
    check_problem(answer, 422)
    assert answer.get_json()["detail"] == "Not so."
    assert answer.get_json()["errors"] == reasons
    assert answer.headers["X-More"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/nothing", 404),
        ("GET", f"/{CANARY}", 404),
        ("GET", "/%00", 404),
        ("GET", "/livez//", 404),
        ("GET", "/livez/", 404),
        ("GET", "//livez", 404),
        ("POST", "/livez", 405),
        ("TRACE", "/livez", 405),
        ("BREW", "/livez", 405),
    ],
)
def test_unknown_paths_and_methods_get_a_problem(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    check_problem(answer, status)
    if status == 405:
        assert answer.allow.as_set() == {"get", "head", "options"}


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(CANARY),
        KeyError(CANARY),
        RecursionError(CANARY),
        OSError(2, CANARY, CANARY),
        UnicodeEncodeError("utf-8", CANARY, 0, 1, CANARY),
        ExceptionGroup(CANARY, [ValueError(CANARY)]),
        AssertionError(CANARY),
    ],
    ids=lambda error: type(error).__name__,
)
def test_unexpected_exception_is_a_500_that_reveals_nothing(ask: Ask, error: Exception) -> None:
    answer = ask(error)
    check_problem(answer, 500)
    assert answer.get_json()["detail"] == errors.DETAILS[500]
    assert type(error).__name__ not in answer.text


def test_a_missing_form_field_is_not_echoed(ask: Ask) -> None:
    check_problem(ask(BadRequestKeyError(CANARY)), 400)


def test_exception_after_the_view_is_a_500(make_app: MakeApp) -> None:
    app = make_app()

    @app.after_request
    def fail(response: Response) -> Response:
        raise RuntimeError(CANARY)

    check_problem(app.test_client().get("/livez"), 500)


@pytest.mark.parametrize(("headers", "seconds"), [({}, "5"), ({"Retry-After": "1"}, "1")])
def test_503_response_has_retry_after(ask: Ask, headers: dict[str, str], seconds: str) -> None:
    answer = ask(errors.ProblemError(503, headers=headers))
    check_problem(answer, 503)
    assert answer.headers.getlist("Retry-After") == [seconds]


def test_rate_limited_response_has_retry_after(make_app: MakeApp) -> None:
    client = make_app(ratelimit_default="1 per hour").test_client()
    client.get("/nothing")
    answer = client.get("/nothing")
    check_problem(answer, 429)
    assert 0 < int(answer.headers["Retry-After"]) <= 3600


def test_redirects_and_explicit_responses_are_unchanged(
    make_app: MakeApp, credential: dict[str, str]
) -> None:
    app = make_app()

    @app.get("/old")
    def old() -> str:
        raise RequestRedirect("/new")

    @app.get("/own")
    def own() -> str:
        raise Conflict(response=Response("own text", 409))

    client = client_of(app, credential)
    assert client.get("/old").location == "/new"
    assert client.get("/own").text == "own text"


def test_only_server_errors_are_logged_as_errors(
    make_app: MakeApp, credential: dict[str, str]
) -> None:
    with written_log() as log:
        app = make_app(log_level="WARNING")

    @app.get("/<kind>")
    def raising(kind: str) -> str:
        raise {"ours": RuntimeError(CANARY), "theirs": errors.ProblemError(409, CANARY)}[kind]

    client = client_of(app, credential)
    assert client.get("/theirs").status_code == 409
    assert log.lines() == []
    assert client.get("/ours").status_code == 500
    assert [line["level"] for line in log.lines()] == ["error"]
