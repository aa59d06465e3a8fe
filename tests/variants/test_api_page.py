"""The API page works in a browser under its strict policy, and sends every operation."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools import chromium
from tools.browser import ApiPage, api_page
from tools.project import Service, serving

CREATE = "experiments-create_experiment"
WRITES = 10


@pytest.fixture(scope="module")
def service(
    project: Path, migrated: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A production server with the API page, whose limit on writes the tests reach."""
    variables = migrated | {
        "API_DOCS_ENABLED": "true",
        "TRUSTED_HOSTS": "127.0.0.1",
        "RATELIMIT_DEFAULT": "1000 per minute",
        "RATELIMIT_WRITES": f"{WRITES} per day",
    }
    with serving(project, tmp_path_factory.mktemp("log") / "serve.log", **variables) as service:
        yield service


@pytest.fixture(scope="module")
def page(service: Service) -> Iterator[ApiPage]:
    """The page, which the tests use one after the other."""
    if chromium.path() is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)(chromium.MISSING)
    with api_page(service.url) as page:
        yield page


def operations(service: Service) -> list[tuple[str, dict[str, Any], set[str]]]:
    """The ID, the description and the parameters of each operation, those that delete last."""
    document = service.call("GET", "/api/openapi.json").body
    found = [
        (method, operation, [*item.get("parameters", []), *operation.get("parameters", [])])
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    found.sort(key=lambda each: each[0] == "delete")
    return [
        (f"{each['tags'][0]}-{each['operationId']}", each, {_name(document, one) for one in named})
        for _, each, named in found
    ]


def _name(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    """The name of a parameter, which may be a reference to a component."""
    shared = parameter.get("$ref", "").rpartition("/")[2]
    name: str = (document["components"]["parameters"][shared] if shared else parameter)["name"]
    return name


def test_operation_without_a_credential_is_rejected(page: ApiPage, answers: dict[str, Any]) -> None:
    if answers["auth"] == "none" or not answers["example"]:
        pytest.skip("no operation needs a credential")
    page.open("experiments-list_experiments")
    assert page.execute("experiments-list_experiments").status == 401
    page.close("experiments-list_experiments")


def test_every_operation_succeeds_with_its_example(
    page: ApiPage, service: Service, bearer: dict[str, str]
) -> None:
    if bearer:
        page.authorize(bearer["Authorization"].removeprefix("Bearer "))
    known: dict[str, str] = {}
    for name, operation, parameters in operations(service):
        page.open(name)
        assert page.parameters(name) == parameters
        answer = page.execute(name, {each: known[each] for each in parameters & known.keys()})
        assert str(answer.status) in operation["responses"], name
        assert answer.status < 300, page.shown(name)
        if answer.status == 201:
            resource = name.partition("-")[0].removesuffix("s")
            known[f"{resource}_id"] = answer.headers["location"].rpartition("/")[2]
        known["If-Match"] = answer.headers.get("etag", known.get("If-Match", ""))


def test_invalid_values_are_rejected_and_named(page: ApiPage, answers: dict[str, Any]) -> None:
    if not answers["example"]:
        pytest.skip("needs the example resource")
    body = json.dumps({"name": "", "query": "hello", "limit": 0})
    assert page.execute(CREATE, body=body).status == 422
    assert '"field": "name"' in page.shown(CREATE)
    assert '"field": "limit"' in page.shown(CREATE)


def test_excess_operations_are_rejected(page: ApiPage, answers: dict[str, Any]) -> None:
    if not answers["example"]:
        pytest.skip("needs the example resource")
    statuses = [page.execute(CREATE).status for _ in range(WRITES)]
    assert statuses[-1] == 429
    assert '"status": 429' in page.shown(CREATE)


def test_page_shows_no_error_and_contacts_no_other_host(page: ApiPage) -> None:
    assert page.faults == []
