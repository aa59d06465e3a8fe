"""Fixtures for the checks of one variant: rendered, installed and served once."""

import platform
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.environments import installed
from tools.local_servers import issuer, model_api, servers
from tools.matrix import questions
from tools.matrix.checks import BLOCKING, CHECKS
from tools.matrix.pythons import interpreter
from tools.matrix.rendered import rendered
from tools.matrix.variants import rows
from tools.project import Service, must, production, serving
from tools.render import render

FAILED = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--variant", choices=list(rows()), default="default", metavar="ID")
    parser.addoption("--answer", action="append", default=[], metavar="QUESTION=ANSWER")
    parser.addoption("--python", metavar="VERSION", help="default: the one of its answers")
    parser.addoption("--processes", default="auto", help="for pytest-xdist in its own tests")
    parser.addoption("--thorough", action="store_true", help="also tests that no answer affects")
    parser.addoption("--template", type=Path, metavar="REPOSITORY", help="default: this repository")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("thorough"):
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
    order = list(CHECKS)
    items.sort(key=lambda item: order.index(_check(item)))


def _check(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and _check(item) in BLOCKING:
        item.session.stash[FAILED] = _check(item)
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    failed = item.session.stash.get(FAILED, _check(item))
    if failed != _check(item):
        pytest.skip(f"not run, because the check {failed!r} failed")


@pytest.fixture(scope="session")
def answers(request: pytest.FixtureRequest) -> dict[str, Any]:
    """All answers of the variant. Those from the command line take precedence."""
    given = (answer.split("=", 1) for answer in request.config.getoption("answer"))
    more = {name: yaml.safe_load(value) for name, value in given}
    return questions.answers(rows()[request.config.getoption("variant")]) | more


@pytest.fixture(scope="session")
def processes(request: pytest.FixtureRequest) -> str:
    """How many processes the variant's own tests may use."""
    count: str = request.config.getoption("processes")
    return count


@pytest.fixture(scope="session")
def is_thorough(request: pytest.FixtureRequest) -> bool:
    """Whether the variant's own tests measure coverage and run every phase of fuzzing."""
    thorough: bool = request.config.getoption("thorough")
    return thorough


@pytest.fixture(scope="session")
def files(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    answers: dict[str, Any],
) -> Path:
    """The rendered variant. Tests read it and never change it."""
    template = request.config.getoption("template")
    if template is None:
        return rendered(answers)
    return render(template, tmp_path_factory.mktemp("files") / "project", answers)


@pytest.fixture(scope="session")
def python(
    request: pytest.FixtureRequest,
    answers: dict[str, Any],
    record_testsuite_property: Callable[[str, str], None],
) -> str:
    """The Python version to run on: the deployed one, or the current one if that is missing."""
    version: str = request.config.getoption("python") or answers["python_version"]
    here = ".".join(platform.python_version_tuple()[:2])
    if interpreter(version) is None:
        record_testsuite_property("python", f"{here}, {version} is not installed")
        return here
    record_testsuite_property("python", version)
    return version


@pytest.fixture(scope="session")
def project(files: Path, python: str) -> Iterator[Path]:
    """The installed variant."""
    with installed(files, python) as project:
        must(project, "uv", "sync", "--quiet")
        yield project


@pytest.fixture(scope="session")
def provider(project: Path, answers: dict[str, Any]) -> Iterator[tuple[dict[str, str], str]]:
    """The variables of an identity provider and a token from it, if the answers require one."""
    if answers["auth"] != "jwt":
        yield {}, ""
        return
    scopes = "experiments:read experiments:write runs:read runs:write"
    with issuer(project, scopes) as (variables, token):
        yield variables, token


@pytest.fixture(scope="session")
def model(project: Path, answers: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The variables of a model API, if the answers require one."""
    if answers["upstream"] == "none":
        yield {}
        return
    with model_api(project) as variables:
        yield variables


@pytest.fixture(scope="session")
def variables(
    project: Path, provider: tuple[dict[str, str], str], model: dict[str, str]
) -> Iterator[dict[str, str]]:
    """The variables of the real servers that the answers require."""
    with servers(project) as urls:
        yield urls | provider[0] | model


@pytest.fixture(scope="session")
def migrated(project: Path, variables: dict[str, str]) -> dict[str, str]:
    """The variables of the servers, after the database has been migrated."""
    must(project, "flask", "db", "upgrade", **variables)
    return variables


@pytest.fixture(scope="session")
def service(
    project: Path, migrated: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The service in production, on a migrated database. The tests act as its proxy."""
    variables = {
        "TRUSTED_PROXIES": "127.0.0.1",
        "TRUSTED_HOSTS": "127.0.0.1",
        "RATELIMIT_WRITES": "20 per minute",  # more than the checks need in a minute
    }
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with serving(project, log, **production(project) | migrated | variables) as service:
        yield service


@pytest.fixture(scope="session")
def bearer(
    project: Path,
    migrated: dict[str, str],
    provider: tuple[dict[str, str], str],
    answers: dict[str, Any],
) -> dict[str, str]:
    """The Authorization header, if the variant requires a credential."""
    if answers["auth"] == "none":
        return {}
    credential = provider[1]
    if answers["auth"] == "api_key":
        created = must(project, "flask", "api-key", "create", "test", **migrated)
        credential = created.splitlines()[-1]
    return {"Authorization": f"Bearer {credential}"}
