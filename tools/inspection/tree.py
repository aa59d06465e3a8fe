"""List and read the files of a rendered project."""

from collections.abc import Iterator
from pathlib import Path


def files(project: Path) -> Iterator[tuple[str, Path]]:
    """Each rendered file with its path inside the project."""
    for path in sorted(project.rglob("*")):
        inside = path.relative_to(project)
        if path.is_file() and inside.parts[0] != ".git":
            yield inside.as_posix(), path


def texts(project: Path) -> Iterator[tuple[str, str]]:
    """The text of each rendered file, with its path inside the project."""
    for inside, path in files(project):
        yield inside, path.read_text(encoding="utf-8")
