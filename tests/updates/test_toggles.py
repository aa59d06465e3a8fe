"""Changing an answer and changing it back leaves no trace and loses no edit."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import copier
import pytest

from tools.environments import installed
from tools.matrix.questions import CONFIG, FREE_TEXT, answers, defaults, factors, questions
from tools.matrix.variants import structure
from tools.project import must
from tools.render import VERSION, commit, render
from tools.updates.edits import EDITS, delete_the_example
from tools.updates.projects import (
    conflicts,
    differences,
    newest_script,
    tree,
    update,
    without_seeds,
)

# The owner removes the example by hand, since it is the project's own code. The project name is
# the name of the package.
NOT_TOGGLED = {"example", "project_name"}


def options() -> Iterator[tuple[str, Any]]:
    """Each factor with each of its non-default values."""
    for factor, (_, *values) in factors().items():
        for value in values:
            yield factor, value


def is_toggled(factor: str) -> bool:
    return factor.partition(".")[0] not in NOT_TOGGLED


def marks(factor: str, value: Any) -> list[pytest.MarkDecorator]:
    """The default run has only the first other answer to each question that changes files."""
    return [] if factor in structure() and value == factors()[factor][1] else [pytest.mark.full]


OPTIONS = list(options())
PARAMETERS = [
    pytest.param(*option, id=f"{option[0]}={str(option[1])[:20]}", marks=marks(*option))
    for option in OPTIONS
]


def change(project: Path, told: dict[str, Any]) -> None:
    """Change answers without changing the version, and commit."""
    update(project, data=told, vcs_ref=copier.VcsRef.CURRENT)
    assert conflicts(project) == []
    commit(project, "Change answers")


@pytest.mark.parametrize(("factor", "value"), PARAMETERS)
def test_toggling_an_answer_gives_the_same_tree(
    template: Path, tmp_path: Path, factor: str, value: Any
) -> None:
    usual, other = answers(defaults()), answers(defaults() | {factor: value})
    project = render(template, tmp_path / "project", usual)
    if is_toggled(factor):
        for edit in EDITS:
            if edit is not delete_the_example:
                edit(project, "my_service")
        commit(project, "Edit")
    before = without_seeds(tree(project))
    change(project, other)
    changed = without_seeds(tree(project))
    assert changed != before
    change(project, usual)
    assert differences(without_seeds(tree(project)), before) == []
    change(project, other)
    assert differences(without_seeds(tree(project)), changed) == []


def test_every_question_but_two_is_toggled() -> None:
    asked = {factor.partition(".")[0] for factor, _ in OPTIONS if is_toggled(factor)}
    assert asked == set(questions()) - NOT_TOGGLED
    assert set(FREE_TEXT) <= set(CONFIG)


@pytest.mark.full
def test_model_can_be_added_later_with_its_example(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", {})
    command = ("--data", "upstream=openai", "--vcs-ref", VERSION)
    done = newest_script(project, template, *command)
    assert (done.returncode, "\n  src/my_service/runs\n" in done.stderr) == (1, True)
    other = render(template, tmp_path / "other", {"upstream": "openai"})
    for folder in ("src/my_service/runs", "tests/runs"):
        shutil.copytree(other / folder, project / folder)
    shutil.copy(other / "migrations/versions/0004_runs.py", project / "migrations/versions")
    commit(project, "Copy the runs")
    assert newest_script(project, template, *command).returncode == 0
    with installed(project, f"{sys.version_info.major}.{sys.version_info.minor}") as place:
        must(place, "uv", "sync", "--quiet")
        tests = (
            "tests/core/upstream/test_upstream.py",
            "tests/core/api/test_routes.py",
            "tests/core/test_docs.py",
            "tests/experiments",
            "tests/runs",
        )
        must(place, "pytest", "-q", "--numprocesses=0", *tests)


@pytest.mark.full
def test_database_can_become_a_server_and_a_file_again(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", {})
    for edit in EDITS:
        edit(project, "my_service")
    commit(project, "Edit")
    for database in ("postgresql", "sqlite"):
        change(project, {"database": database})
        with installed(project, f"{sys.version_info.major}.{sys.version_info.minor}") as place:
            must(place, "uv", "sync", "--quiet")
            tests = (
                "tests/core/database/test_database.py",
                "tests/core/database/test_migrations.py",
                "tests/widgets",
            )
            must(place, "pytest", "-q", "--numprocesses=0", *tests)
