"""A render is finished: formatter, linter and type checker pass on it unchanged."""

from pathlib import Path

from ..project import must
from ..render import git


def test_formatter_and_linter_change_nothing(project: Path) -> None:
    must(project, "ruff", "format", ".")
    must(project, "ruff", "check", "--fix", ".")
    assert git(project, "status", "--porcelain", "--", ":!uv.lock") == ""


def test_the_types_are_strict_and_right(project: Path) -> None:
    must(project, "mypy")


def test_its_own_tests_pass_and_cover_its_branches(project: Path) -> None:
    must(project, "pytest", "-q", "--cov")
