"""The variant is already formatted and linted: formatter and linter change nothing."""

from pathlib import Path

from tools.project import must
from tools.render import git


def test_formatter_and_linter_change_nothing(project: Path) -> None:
    must(project, "ruff", "format", ".")
    must(project, "ruff", "check", "--fix", ".")
    assert git(project, "status", "--porcelain", "--", ":!uv.lock") == ""
