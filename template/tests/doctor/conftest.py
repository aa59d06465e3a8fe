"""Fixtures: the documented production deployment, on the tests' own servers."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from ..conftest import LIMITS, PATIENCE, ROOT, as_variables, part_settings
from ..support.service import limits_url, shared_counting
from .deployment import World, new_database, part

PAGE = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```ini\n(.*?)```", re.DOTALL)


def production() -> dict[str, str]:
    """Return the documented production variables; values to fill in are written `<in words>`."""
    block = BLOCK.search(PAGE)
    assert block is not None
    lines = [line for line in block[1].splitlines() if line]
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="session")
def variables() -> Iterator[dict[str, str]]:
    """The production variables, with the tests' servers in place of the words."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    filled = production() | as_variables(part_settings()) | {"SECRET_KEY": secrets.token_hex(32)}
    if filled.get("RATELIMIT_STORAGE_URI", "").startswith("<"):
        filled["RATELIMIT_STORAGE_URI"] = limits_url(os.environ[LIMITS], worker)
    filled["DATABASE_URL"] = "sqlite:///unused.db"
    with new_database(filled) as url:
        yield filled | {"DATABASE_URL": url}


# Long enough for a busy machine; each is still shorter than the next, as TMO001 requires.
PATIENT = {
    "DATABASE_CONNECT_TIMEOUT": "10",
    "DATABASE_STATEMENT_TIMEOUT": "15",
    "REQUEST_TIMEOUT": "20",
}


def copy_migrations(folder: Path) -> None:
    """Copy the migrations so that a test can change them.

    Each copy is marked as reviewed: what the project's own migrations drop is not under test.
    """
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for revision in (folder / "versions").glob("*.py"):
        with revision.open("a", encoding="utf-8") as file:
            file.write('\nreviewed = "by the doctor itself"\n')


@pytest.fixture
def world(
    variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A deployment without faults."""
    monkeypatch.chdir(tmp_path)
    copy_migrations(tmp_path / "migrations")
    monkeypatch.setitem(part("running").SECONDS, "live", PATIENCE)
    monkeypatch.setitem(part("running").SECONDS, "url", PATIENCE)
    monkeypatch.setattr(part("client"), "SECONDS", PATIENCE)
    monkeypatch.setattr(shared_counting, "REDIS_TIMEOUT", 0.9)  # seconds; LIM002 reports above 1
    with ExitStack() as stack:
        yield World(variables | PATIENT, tmp_path, stack)


@pytest.fixture
def url(world: World) -> URL:
    """The URL of the deployment's working database."""
    return make_url(world.variables["DATABASE_URL"])
