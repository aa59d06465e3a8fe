"""The production server responds on every path of its API, called from outside."""

from pathlib import Path
from typing import Any

import limits
import openapi_spec_validator
import pytest

from tools.corpus.verdict import SECURITY_HEADERS
from tools.project import Service, run

EXPERIMENTS = "/api/v1/experiments"
ITEM = EXPERIMENTS + "/{experiment_id}"
PUBLIC = ["/livez", "/readyz", "/api/health", "/api/openapi.json"]


@pytest.mark.thorough
@pytest.mark.parametrize("command", ["flask db upgrade", "serve"])
def test_broken_settings_are_listed_without_a_traceback(project: Path, command: str) -> None:
    done = run(project, *command.split(), APP_ENV="production")
    assert done.returncode != 0
    assert "SECRET_KEY: Not set." in done.stderr
    assert "Traceback" not in done.stderr
    assert "No such command" not in done.stderr


@pytest.mark.parametrize("path", PUBLIC)
def test_public_paths_respond_with_every_security_header(service: Service, path: str) -> None:
    answer = service.call("GET", path)
    assert answer.status == 200
    assert [name for name in SECURITY_HEADERS if name not in answer.headers] == []
    assert "Server" not in answer.headers or "/" not in answer.headers["Server"]


def test_the_health_report_names_each_dependency(service: Service, answers: dict[str, Any]) -> None:
    expected = {"database": "up"}
    if answers["rate_limit_storage"] == "redis":
        expected["limits"] = "up"
    if answers["upstream"] == "openai":
        expected["upstream"] = "up"
    report = service.call("GET", "/api/health").body
    assert report["status"] == "healthy"
    assert report["dependencies"] == expected
    assert set(report) == {"status", "timestamp", "version", "dependencies"}


def test_openapi_document_is_valid_and_complete(service: Service, answers: dict[str, Any]) -> None:
    document = service.call("GET", "/api/openapi.json").body
    openapi_spec_validator.validate(document)
    assert document["info"]["description"] == answers["description"]
    resource = {EXPERIMENTS, ITEM} if answers["example"] else set()
    if answers["example"] and answers["upstream"] == "openai":
        resource |= {f"{ITEM}/run", f"{ITEM}/runs", f"{ITEM}/runs/{{run_id}}"}
    assert {path for path in document["paths"] if path.startswith("/api/v1/")} == resource


def test_experiment_is_created_listed_changed_and_deleted(
    service: Service, bearer: dict[str, str], answers: dict[str, Any]
) -> None:
    if not answers["example"]:
        assert service.call("GET", EXPERIMENTS, headers=bearer).status == 404
        return
    created = service.call("POST", EXPERIMENTS, {"name": "first", "query": "hello"}, bearer)
    assert created.status == 201
    item = created.headers["Location"]
    assert service.call("GET", item, headers=bearer).body == created.body
    assert service.call("GET", EXPERIMENTS, headers=bearer).body["items"] == [created.body]
    read = bearer | {"If-Match": created.headers["ETag"]}
    changed = service.call("PATCH", item, {"limit": 7}, read)
    assert changed.status == 200
    assert changed.body["limit"] == 7
    fresh = bearer | {"If-Match": changed.headers["ETag"]}
    assert service.call("DELETE", item, headers=fresh).status == 204
    assert service.call("GET", item, headers=bearer).status == 404


def test_experiment_runs_on_the_model(
    service: Service, bearer: dict[str, str], answers: dict[str, Any]
) -> None:
    if not answers["example"] or answers["upstream"] == "none":
        pytest.skip("needs the example resource and an upstream model")
    created = service.call("POST", EXPERIMENTS, {"name": "run", "query": "hello"}, bearer)
    experiment = created.headers["Location"]
    run = service.call("POST", f"{experiment}/run", headers=bearer)
    assert run.status == 201
    assert run.body["total_tokens"] == run.body["prompt_tokens"] + run.body["completion_tokens"]
    assert service.call("GET", run.headers["Location"], headers=bearer).body == run.body
    assert service.call("GET", f"{experiment}/runs", headers=bearer).body["items"] == [run.body]
    gone = bearer | {"If-Match": created.headers["ETag"]}
    assert service.call("DELETE", experiment, headers=gone).status == 204


def test_rate_limit_matches_the_answer(service: Service, answers: dict[str, Any]) -> None:
    shown = service.call("GET", "/nothing", headers={"X-Forwarded-For": "203.0.113.200"})
    least = min(limit.amount for limit in limits.parse_many(answers["rate_limit"]))
    assert shown.headers["RateLimit-Limit"] == str(least)


def test_log_level_matches_the_answer(service: Service, answers: dict[str, Any]) -> None:
    service.call("GET", "/livez")
    levels = {record["level"] for record in service.records()}
    assert ("info" in levels) == (answers["log_level"] in ("DEBUG", "INFO"))
