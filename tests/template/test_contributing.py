"""CONTRIBUTING.md draws the packages as they are, and following its steps works."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.environments import installed
from tools.house import draw
from tools.howto import PAGE, steps
from tools.project import must
from tools.releases import clone_template
from tools.render import VERSION, commit, git, render


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of this repository, to change."""
    return clone_template(tmp_path)


def follow(repository: Path, heading: str) -> None:
    """Follow a section's steps, and make the result the newest release."""
    for step in steps(heading):
        step.follow(repository)
    commit(repository, heading)
    git(repository, "tag", "--force", VERSION)


def check(repository: Path, *arguments: str) -> None:
    """Run tests of the repository, which must pass."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=repository,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_drawing_shows_the_imports_between_packages(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", {})
    assert draw(project / "src", "my_service") in PAGE.read_text(encoding="utf-8")


def test_steps_add_a_question(repository: Path, tmp_path: Path) -> None:
    follow(repository, "Add a question")
    project = render(repository, tmp_path / "project", {"contact": "us@example.com"})
    assert "Write to us@example.com." in (project / "README.md").read_text()
    check(repository, "tests/template/test_questions.py", "-k", "contact or oracle")
    check(repository, "tests/template/test_readme.py", "tests/template/test_variants.py")


def test_steps_add_a_value_to_a_question(repository: Path, tmp_path: Path) -> None:
    follow(repository, "Add a value to a question")
    with_it = render(repository, tmp_path / "with", {"ci": "woodpecker"})
    without = render(repository, tmp_path / "without", {"ci": "gitlab"})
    assert (with_it / ".woodpecker.yaml").exists()
    assert not (without / ".woodpecker.yaml").exists()
    check(repository, "tests/template/test_variants.py", "tests/template/test_house.py")
    check(repository, "tests/planted", "-k", "every_answer_that_adds_a_part")


def test_steps_add_a_setting(repository: Path, tmp_path: Path) -> None:
    follow(repository, "Add a setting")
    with installed(render(repository, tmp_path / "project", {}), "3.13") as project:
        must(project, "uv", "sync", "--quiet")
        must(project, "ruff", "format", "--check", ".")
        must(project, "pytest", "--numprocesses=0", "tests/core/settings", "tests/core/test_docs.py")


def test_steps_add_a_check_to_the_doctor(repository: Path, tmp_path: Path) -> None:
    follow(repository, "Add a check to the doctor")
    with installed(render(repository, tmp_path / "project", {}), "3.13") as project:
        must(project, "uv", "sync", "--quiet")
        must(project, "ruff", "format", "--check", ".")
        must(project, "pytest", "--numprocesses=0", "tests/doctor/test_proof.py")
        assert "DRAIN_SECONDS=5" in must(project, "flask", "doctor", "--explain", "CFG004")
    check(repository, "tests/template/test_troubleshooting.py")
