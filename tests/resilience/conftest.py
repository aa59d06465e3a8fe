"""Fixtures for the resilience tests: a project on the session's database, and its servers."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.environments import installed
from tools.matrix import questions
from tools.matrix.rendered import rendered
from tools.project import Service, must
from tools.resilience.stack import DATABASES, NO_LIMITS, Stack, stack_on


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=DATABASES, default="sqlite")
    parser.addoption("--requests", type=int, default=20_000, help="sent by the memory test")


@pytest.fixture(scope="session")
def kind(request: pytest.FixtureRequest) -> str:
    """The name of the session's database."""
    name: str = request.config.getoption("database")
    return name


@pytest.fixture(scope="session")
def project(kind: str) -> Iterator[Path]:
    """A project with this database, rate limits in Redis and a model, on the current Python."""
    some = {"database": kind, "rate_limit_storage": "redis", "upstream": "openai"}
    answers = questions.answers(questions.row(some))
    here = ".".join(platform.python_version_tuple()[:2])
    with installed(rendered(answers), here) as project:
        must(project, "uv", "sync", "--quiet")
        yield project


@pytest.fixture(scope="session")
def stack(kind: str, project: Path) -> Iterator[Stack]:
    """The running servers, a migrated database and an API key."""
    with stack_on(kind, project) as stack:
        yield stack


@pytest.fixture
def service(stack: Stack) -> Iterator[Service]:
    """The production server without rate limits."""
    with stack.serving(**NO_LIMITS) as service:
        yield service


def named_skip(reason: str) -> None:
    """Skip the test for this reason. In CI, fail instead."""
    (pytest.fail if "CI" in os.environ else pytest.skip)(reason)
