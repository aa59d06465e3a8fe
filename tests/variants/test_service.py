"""The service runs as its owner would run it: migrated, served, called, stopped."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..project import Service, must, run, serving

EXPERIMENTS = "/api/v1/experiments"
HEADERS = (
    "Content-Security-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-Request-ID",
)


@pytest.fixture(scope="module")
def service(
    project: Path, variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The production server on a database that went up, down and up again."""
    for command in (["upgrade"], ["downgrade", "base"], ["upgrade"], ["check"]):
        must(project, "flask", "db", *command, **variables)
    with serving(project, tmp_path_factory.mktemp("log") / "serve.log", **variables) as service:
        yield service


@pytest.fixture(scope="module")
def bearer(project: Path, variables: dict[str, str], answers: dict[str, Any]) -> dict[str, str]:
    """A credential, where one is asked for."""
    if answers.get("auth") == "none":
        return {}
    key = must(project, "flask", "api-key", "create", "test", **variables).splitlines()[-1]
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("command", ["flask db upgrade", "flask run", "serve"])
def test_broken_settings_are_listed_without_a_traceback(project: Path, command: str) -> None:
    done = run(project, *command.split(), APP_ENV="production")
    assert done.returncode != 0
    assert "SECRET_KEY: Not set." in done.stderr
    assert "Traceback" not in done.stderr
    assert "No such command" not in done.stderr


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/api/health", "/api/openapi.json"])
def test_public_paths_answer(service: Service, path: str) -> None:
    answer = service.call("GET", path)
    assert answer.status == 200
    assert all(name in answer.headers for name in HEADERS)


def test_the_health_report_names_each_dependency(service: Service, answers: dict[str, Any]) -> None:
    expected = {"database": "up"}
    if answers.get("rate_limit_storage") == "redis":
        expected["limits"] = "up"
    report = service.call("GET", "/api/health").body
    assert report["status"] == "healthy"
    assert report["dependencies"] == expected


def test_an_unknown_path_is_a_problem(service: Service) -> None:
    answer = service.call("GET", "/nothing")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_example_serves(
    service: Service, bearer: dict[str, str], answers: dict[str, Any]
) -> None:
    if answers.get("example") is False:
        assert service.call("GET", EXPERIMENTS, headers=bearer).status == 404
        return
    created = service.call("POST", EXPERIMENTS, {"name": "first", "query": "hello"}, bearer)
    assert created.status == 201
    item = created.headers["Location"]
    listed = service.call("GET", EXPERIMENTS, headers=bearer).body
    assert listed["items"] == [created.body]
    changed = service.call(
        "PATCH", item, {"limit": 7}, bearer | {"If-Match": created.headers["ETag"]}
    )
    assert changed.status == 200
    assert changed.body["limit"] == 7
    stale = bearer | {"If-Match": created.headers["ETag"]}
    assert service.call("DELETE", item, headers=stale).status == 412
    fresh = bearer | {"If-Match": changed.headers["ETag"]}
    assert service.call("DELETE", item, headers=fresh).status == 204


def test_the_limit_is_the_one_that_was_asked_for(service: Service, answers: dict[str, Any]) -> None:
    first = answers.get("rate_limit", "200 per day; 50 per hour")
    hourly = "30" if first.startswith("30") else "50"
    assert service.call("GET", "/nothing").headers["RateLimit-Limit"] == hourly


def test_the_description_opens_the_document(service: Service, answers: dict[str, Any]) -> None:
    described = service.call("GET", "/api/openapi.json").body["info"]["description"]
    assert described == answers.get("description", "A hardened JSON API service")


def test_the_log_has_the_level_that_was_asked_for(
    service: Service, answers: dict[str, Any]
) -> None:
    service.call("GET", "/livez")
    levels = {json.loads(line)["level"] for line in service.log.read_text().splitlines()}
    assert ("info" in levels) == (answers.get("log_level", "INFO") == "INFO")


def test_it_refuses_strangers_bad_bodies_and_haste(
    service: Service, bearer: dict[str, str], answers: dict[str, Any]
) -> None:
    if answers.get("example") is False:
        # Without a resource, haste on an unknown path is what there is to refuse.
        statuses = [service.call("POST", "/nothing", {}).status for _ in range(40)]
        assert statuses[0] == 404
        assert statuses[-1] == 429
        return
    if bearer:
        answer = service.call("GET", EXPERIMENTS)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    wrong = service.call("POST", EXPERIMENTS, {"name": "", "limit": "1"}, bearer)
    assert wrong.status == 422
    assert {error["field"] for error in wrong.body["errors"]} == {"name", "query", "limit"}
    answers_in_haste = [service.call("POST", EXPERIMENTS, {}, bearer) for _ in range(40)]
    assert answers_in_haste[-1].status == 429
    assert int(answers_in_haste[-1].headers["Retry-After"]) > 0


def test_it_stops_gracefully(service: Service) -> None:
    """Last: it ends the server that the others call."""
    assert service.stop() == 0
    assert "Traceback" not in service.log.read_text()
