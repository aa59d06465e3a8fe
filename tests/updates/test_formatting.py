"""A project with a code style of its own is updated in its style, without conflicts."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.render import commit, render
from tools.updates.projects import differences, newest_script, tree, without_seeds

BEFORE = "v1.4.1"  # 2.0.0 changes nearly every module
STYLE = "line-length = 100"
OWN_STYLE = "line-length = 79"
UNFORMATTED = '"""Mine."""\n\nMINE = { "a":1 }\n'


def ruff_format(project: Path, *options: str) -> int:
    command = [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", *options, "."]
    return subprocess.run(command, cwd=project).returncode


def reformat(project: Path) -> None:
    """Change the style in pyproject.toml, and format everything."""
    pyproject = project / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace(STYLE, OWN_STYLE))
    assert ruff_format(project) == 0
    commit(project, "Reformat")


@pytest.fixture
def project(releases_to_update: Path, tmp_path: Path) -> Path:
    """A project of an older release, reformatted by its owner."""
    project = render(releases_to_update, tmp_path / "project", {}, BEFORE)
    reformat(project)
    return project


def test_reformatted_project_is_updated_in_its_style(
    project: Path, releases_to_update: Path, tmp_path: Path
) -> None:
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stderr) == (0, "")
    assert ruff_format(project, "--check") == 0
    fresh = render(releases_to_update, tmp_path / "fresh", {})
    reformat(fresh)
    assert differences(without_seeds(tree(project)), without_seeds(tree(fresh))) == []


def test_own_module_that_is_not_formatted_is_unchanged(
    project: Path, releases_to_update: Path
) -> None:
    (project / "mine.py").write_text(UNFORMATTED)
    commit(project, "Add")
    assert newest_script(project, releases_to_update).returncode in (0, 3)
    assert (project / "mine.py").read_text() == UNFORMATTED


def test_invalid_style_does_not_stop_the_update(project: Path, releases_to_update: Path) -> None:
    pyproject = project / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace(OWN_STYLE, 'line-length = "wide"'))
    commit(project, "Slip")
    assert newest_script(project, releases_to_update).returncode == 3
