"""One variant for all of its checks: rendered, installed, served."""

import platform
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.environments import installed
from tools.matrix import questions
from tools.matrix.checks import BLOCKING, CHECKS
from tools.matrix.pythons import interpreter
from tools.matrix.rendered import rendered
from tools.matrix.variants import rows
from tools.project import Service, issuer, model_api, must, servers, serving
from tools.render import render

FAILED = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--variant", choices=list(rows()), default="default", metavar="ID")
    parser.addoption("--answer", action="append", default=[], metavar="QUESTION=ANSWER")
    parser.addoption("--python", metavar="VERSION", help="instead of the one it is deployed on")
    parser.addoption("--processes", default="auto", help="for the variant's own tests")
    parser.addoption("--thorough", action="store_true", help="what is the same for all, too")
    parser.addoption("--template", type=Path, metavar="REPOSITORY", help="another template")


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
        pytest.skip(f"not reached: {failed!r} failed")


@pytest.fixture(scope="session")
def answers(request: pytest.FixtureRequest) -> dict[str, Any]:
    """All answers of the variant, those of the command line above its own."""
    given = (answer.split("=", 1) for answer in request.config.getoption("answer"))
    more = {name: yaml.safe_load(value) for name, value in given}
    return questions.answers(rows()[request.config.getoption("variant")]) | more


@pytest.fixture(scope="session")
def processes(request: pytest.FixtureRequest) -> str:
    """How many processes the variant's own tests may take."""
    count: str = request.config.getoption("processes")
    return count


@pytest.fixture(scope="session")
def is_thorough(request: pytest.FixtureRequest) -> bool:
    """Whether the variant's own tests measure coverage and run every phase of the fuzz."""
    thorough: bool = request.config.getoption("thorough")
    return thorough


@pytest.fixture(scope="session")
def files(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    answers: dict[str, Any],
) -> Path:
    """The variant as it was rendered: read, never changed."""
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
    """The Python to run on: the one that it is deployed on, or this one where that is not here."""
    version: str = request.config.getoption("python") or answers["python_version"]
    here = ".".join(platform.python_version_tuple()[:2])
    if interpreter(version) is None:
        record_testsuite_property("python", f"{here}, {version} is not here")
        return here
    record_testsuite_property("python", version)
    return version


@pytest.fixture(scope="session")
def project(files: Path, python: str) -> Iterator[Path]:
    """The variant, installed."""
    with installed(files, python) as project:
        must(project, "uv", "sync", "--quiet")
        yield project


@pytest.fixture(scope="session")
def provider(project: Path, answers: dict[str, Any]) -> Iterator[tuple[dict[str, str], str]]:
    """The variables of an identity provider, and a token of it; where the answers ask for one."""
    if answers["auth"] != "jwt":
        yield {}, ""
        return
    scopes = "experiments:read experiments:write runs:read runs:write"
    with issuer(project, scopes) as (variables, token):
        yield variables, token


@pytest.fixture(scope="session")
def model(project: Path, answers: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The variables of a model's API; where the answers ask for one."""
    if answers["upstream"] == "none":
        yield {}
        return
    with model_api(project) as variables:
        yield variables


@pytest.fixture(scope="session")
def variables(
    project: Path, provider: tuple[dict[str, str], str], model: dict[str, str]
) -> Iterator[dict[str, str]]:
    """The URLs of real servers, where the answers ask for servers."""
    with servers(project) as urls:
        yield urls | provider[0] | model


@pytest.fixture(scope="session")
def migrated(project: Path, variables: dict[str, str]) -> dict[str, str]:
    """The variables of servers whose database is migrated up."""
    must(project, "flask", "db", "upgrade", **variables)
    return variables


@pytest.fixture(scope="session")
def service(
    project: Path, migrated: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The production server on a migrated database; tests play its proxy."""
    variables = migrated | {
        "TRUSTED_PROXIES": "127.0.0.1",
        "TRUSTED_HOSTS": "127.0.0.1",
        "RATELIMIT_WRITES": "20 per minute",  # more than the checks need in a minute
    }
    with serving(project, tmp_path_factory.mktemp("log") / "serve.log", **variables) as service:
        yield service


@pytest.fixture(scope="session")
def bearer(
    project: Path,
    migrated: dict[str, str],
    provider: tuple[dict[str, str], str],
    answers: dict[str, Any],
) -> dict[str, str]:
    """A credential, where one is asked for."""
    if answers["auth"] == "none":
        return {}
    credential = provider[1]
    if answers["auth"] == "api_key":
        created = must(project, "flask", "api-key", "create", "test", **migrated)
        credential = created.splitlines()[-1]
    return {"Authorization": f"Bearer {credential}"}
