"""The variant passes its strict type checker."""

from pathlib import Path

from ..project import must


def test_the_types_are_strict_and_right(project: Path) -> None:
    must(project, "mypy")
