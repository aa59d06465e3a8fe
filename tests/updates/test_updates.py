"""Projects of every past release, with typical edits, update without losses or conflicts."""

import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.environments import installed, types_cache
from tools.matrix import questions
from tools.matrix.presets import PRESETS
from tools.matrix.variants import rows, triples, variants
from tools.project import must
from tools.releases import order, releases
from tools.render import VERSION, commit, git, render
from tools.updates.edits import edit
from tools.updates.guide import do_by_hand, run, variables_for
from tools.updates.older import OLDER
from tools.updates.projects import (
    answers,
    conflicts,
    differences,
    newest_script,
    tree,
    update,
    without_seeds,
)

ANSWERS: dict[str, dict[str, Any]] = PRESETS | {
    "redis without identity": {"auth": "none", "rate_limit_storage": "redis"},
    "mariadb with tokens": {"database": "mariadb", "auth": "jwt", "example": False},
    "postgresql without identity": {"database": "postgresql", "auth": "none", "log_level": "ERROR"},
}
SORT = "uv run ruff check --fix ."
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
RELEASES = [release.tag for release in releases()]
# The default run updates from the first and the last one only, so that its time stays constant.
ENDS = {*RELEASES[:1], *RELEASES[-1:], OLDER}
PAST = [
    pytest.param(version, marks=[] if version in ENDS else [pytest.mark.full])
    for version in [*RELEASES, OLDER]
]


def edited(template: Path, folder: Path, chosen: dict[str, Any], version: str) -> Path:
    """A project rendered from a release, with edits."""
    project = render(template, folder, chosen, version)
    edit(project)
    return project


def cases() -> Iterator[pytest.ParameterSet]:
    """Every release with every set of answers.

    The default run has only the releases in ENDS, and of OLDER only the default answers.
    """
    for version, name in itertools.product([*RELEASES, OLDER], ANSWERS):
        is_of_a_change = version in ENDS and (version != OLDER or name == "default")
        marks = [] if is_of_a_change else [pytest.mark.full]
        yield pytest.param(version, ANSWERS[name], id=f"{name}-{version}", marks=marks)


@pytest.mark.parametrize(("version", "chosen"), list(cases()))
def test_an_update_keeps_every_edit_and_brings_everything_new(
    releases_to_update: Path, tmp_path: Path, version: str, chosen: dict[str, Any]
) -> None:
    project = edited(releases_to_update, tmp_path / "project", chosen, version)
    before, secrets = tree(project), (project / ".env").read_bytes()
    # Answer the questions that the old release did not ask yet.
    told = {name: answer for name, answer in chosen.items() if name not in answers(project)}
    data = [f"-d{name}={json.dumps(answer)}" for name, answer in told.items()]
    done = newest_script(project, releases_to_update, *data)
    assert (done.returncode, done.stderr) == (0, "")
    assert conflicts(project) == []
    assert (project / ".env").read_bytes() == secrets
    fresh = edited(releases_to_update, tmp_path / "fresh", chosen, VERSION)
    assert answers(project) == answers(fresh)
    after = tree(project)
    assert differences(without_seeds(after), without_seeds(tree(fresh))) == []
    seeds = before.keys() - without_seeds(before).keys()
    assert {name: after[name] for name in seeds} == {name: before[name] for name in seeds}


# Only from 2.0.0 on: plain copier cannot move the template's files, as the update to 2.0.0 does.
@pytest.mark.parametrize(
    "version", [OLDER, *(release.tag for release in releases() if order(release.version) >= (2,))]
)
def test_plain_copier_gives_the_same_tree(
    releases_to_update: Path, tmp_path: Path, version: str
) -> None:
    plain = edited(releases_to_update, tmp_path / "plain", {}, version)
    update(plain)
    scripted = edited(releases_to_update, tmp_path / "scripted", {}, version)
    assert newest_script(scripted, releases_to_update).returncode == 0
    # The script updates a file that its owner moved; plain copier leaves it as it is.
    moved = "tests/network/test_proxies.py"
    assert {*differences(tree(plain), tree(scripted))} <= {moved}


@pytest.fixture(scope="module")
def passed() -> dict[str, str]:
    """The trees that passed, by git's hash. Several releases may update to the same tree."""
    return {}


@pytest.mark.parametrize("version", PAST)
def test_updated_project_passes_its_tests_and_checks(
    releases_to_update: Path, tmp_path: Path, version: str, passed: dict[str, str]
) -> None:
    project = edited(releases_to_update, tmp_path / "project", {}, version)
    done = newest_script(project, releases_to_update)
    assert done.returncode == 0
    commit(project, "Update")
    updated = git(project, "rev-parse", "HEAD^{tree}").strip()
    if updated in passed:
        pytest.skip(f"same tree as from {passed[updated]}, which passed")
    with installed(project, HERE) as place:
        variables = variables_for(tmp_path)
        must(place, "uv", "sync", "--quiet")
        do_by_hand(done.stdout, place, variables)
        if SORT not in done.stdout:  # the edits of a newer project are rewritten in the same way
            run(SORT, place, variables)
        run("uvx nox -s locks doctor", place, variables)
        must(place, "ruff", "format", "--check", ".")
        must(place, "ruff", "check", ".")
        with types_cache(HERE) as cache:
            must(place, "mypy", MYPY_CACHE_DIR=str(cache))
        must(place, "pytest", "-q", "--numprocesses=0")
    passed[updated] = version


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(version, marks=[] if version == RELEASES[-1] else [pytest.mark.full])
        for version in RELEASES
    ],
)
def test_unedited_example_of_a_past_release_works_after_an_update(
    releases_to_update: Path, tmp_path: Path, version: str
) -> None:
    chosen = {"upstream": "openai", "python_version": HERE}
    project = render(releases_to_update, tmp_path / "project", chosen, version)
    done = newest_script(project, releases_to_update)
    assert done.returncode == 0
    commit(project, "Update")
    with installed(project, HERE) as place:
        variables = variables_for(tmp_path)
        must(place, "uv", "sync", "--quiet")
        do_by_hand(done.stdout, place, variables)
        must(place, "ruff", "check", ".")
        with types_cache(HERE) as cache:
            must(place, "mypy", MYPY_CACHE_DIR=str(cache))
        tests = ["tests/experiments", "tests/runs", "tests/core/api", "tests/core/test_docs.py"]
        must(place, "pytest", "-q", "--numprocesses=0", *tests)


@pytest.mark.parametrize(
    "variant", [*variants(), *(pytest.param(name, marks=pytest.mark.full) for name in triples())]
)
def test_an_update_to_the_same_version_changes_nothing(
    template: Path, tmp_path: Path, variant: str
) -> None:
    project = render(template, tmp_path / "project", questions.answers(rows()[variant]))
    secrets = (project / ".env").read_bytes()
    update(project)
    assert git(project, "status", "--porcelain") == ""
    assert (project / ".env").read_bytes() == secrets
