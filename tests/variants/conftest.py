"""One rendered and installed project for all tests of a variant."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..presets import PRESETS
from ..project import must, servers
from ..render import render


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--preset", choices=sorted(PRESETS), default="default")
    parser.addoption("--answer", action="append", default=[], metavar="QUESTION=ANSWER")


@pytest.fixture(scope="session")
def answers(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The preset's answers, and those of the command line."""
    given = (answer.split("=", 1) for answer in request.config.getoption("answer"))
    more = {name: yaml.safe_load(value) for name, value in given}
    return PRESETS[request.config.getoption("preset")] | more


@pytest.fixture(scope="session")
def project(
    template: Path, tmp_path_factory: pytest.TempPathFactory, answers: dict[str, Any]
) -> Path:
    """The project: rendered, committed, installed."""
    project = render(template, tmp_path_factory.mktemp("variant") / "project", answers)
    must(project, "uv", "sync", "--quiet")
    return project


@pytest.fixture(scope="session")
def variables(project: Path) -> Iterator[dict[str, str]]:
    """The URLs of real servers, where the answers ask for servers."""
    with servers(project) as urls:
        yield urls
