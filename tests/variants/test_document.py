"""The OpenAPI document passes a linter, and two generators build working clients from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.openapi.clients import call_from_python, call_from_typescript, lint
from tools.project import Service

PYTHON = """
import sys
from client import AuthenticatedClient
from client.api.experiments import create_experiment
from client.models import ExperimentIn

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
body = ExperimentIn(name="python", query="hello")
print(create_experiment.sync(client=client, body=body).name)
"""
TYPESCRIPT = """
import { client } from "./client.gen";
import { createExperiment } from "./sdk.gen";

client.setConfig({ baseUrl: process.argv[2], auth: process.argv[3] });
createExperiment({ body: { name: "typescript", query: "hello" }, throwOnError: true }).then(
  ({ data }) => console.log(data.name),
);
declare const process: { argv: string[] };
"""


@pytest.fixture(scope="module")
def document(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document that the service serves."""
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    # From an address of its own: without authentication, the other checks count by address.
    client = {"X-Forwarded-For": "203.0.113.201"}
    document = service.call("GET", "/api/openapi.json", headers=client)
    file.write_text(json.dumps(document.body))
    return file


@pytest.fixture
def caller(service: Service, bearer: dict[str, str], answers: dict[str, Any]) -> tuple[str, str]:
    """The arguments of the scripts: the service's URL and a credential."""
    if not answers["example"]:
        pytest.skip("needs the example resource")
    return service.url, bearer.get("Authorization", "Bearer none").removeprefix("Bearer ")


def test_document_passes_the_linter(document: Path) -> None:
    lint(document)


@pytest.mark.thorough
def test_generated_python_client_creates_an_experiment(
    document: Path, tmp_path: Path, caller: tuple[str, str]
) -> None:
    assert call_from_python(document, tmp_path, PYTHON, *caller) == "python\n"


@pytest.mark.thorough
def test_generated_typescript_client_creates_an_experiment(
    document: Path, tmp_path: Path, caller: tuple[str, str]
) -> None:
    assert call_from_typescript(document, tmp_path, TYPESCRIPT, *caller) == "typescript\n"
