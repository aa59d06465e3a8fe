"""Random edits, drawn from a seed, each with what must be true after an update."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..render import commit, git

Bytes = list[bytes]


@dataclass
class Drawn:
    """The edits of one seed in one project, and the lines that they add and delete."""

    project: Path
    seed: int
    new_paths: list[str]  # that the next version adds
    kept: dict[bytes, str] = field(default_factory=dict)  # added lines, and the file of each
    gone: dict[bytes, str] = field(default_factory=dict)  # deleted lines, and the file of each
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - edits, not secrets

    def make(self) -> None:
        """Make up to eight edits, and commit.

        Git may normalize line endings on commit (.gitattributes). What git stores counts.
        """
        for number in range(self.random.randint(1, 8)):
            edit = self.random.choice(EDITS)
            edit(self, f"edit {self.seed}.{number}".encode())
        if git(self.project, "status", "--porcelain"):  # an edit may change nothing
            commit(self.project, "Edit")
        for path in git(self.project, "ls-files").splitlines():
            (self.project / path).unlink()
        git(self.project, "checkout", "--", ".")
        for expected in (self.kept, self.gone):
            for line, name in list(expected.items()):
                if line not in self.lines(self.project / name):
                    del expected[line]
                    expected[line.removesuffix(b"\r")] = name

    def file(self) -> Path:
        """A random text file of the template, biased towards files that releases change."""
        names = [
            name
            for name in git(self.project, "ls-files").splitlines()
            if (self.project / name).is_file() and not name.startswith(NOT_EDITED)
        ]
        often = [name for name in names if name.endswith(OFTEN)] or names
        return self.project / self.random.choice(self.random.choice([names, often]))

    def lines(self, path: Path) -> Bytes:
        return path.read_bytes().split(b"\n")

    def write(self, path: Path, lines: Bytes, what: str) -> None:
        path.write_bytes(b"\n".join(lines))
        self.said.append(f"{what} {path.relative_to(self.project)}")

    def forget(self, path: Path) -> None:
        """Expect nothing of a file that no longer exists: its lines are gone as well."""
        name = str(path.relative_to(self.project))
        self.kept = {line: file for line, file in self.kept.items() if file != name}
        self.gone = {line: file for line, file in self.gone.items() if file != name}


NOT_EDITED = (".copier-answers.yml", "migrations/versions/", "src/my_service/experiments/")
OFTEN = ("pyproject.toml", "README.md", "limits.py", "logs.py", "conftest.py", ".yml", "table.py")


def insert(drawn: Drawn, mark: bytes) -> None:
    path = drawn.file()
    lines = drawn.lines(path)
    where = drawn.random.randint(0, len(lines))
    for number in range(drawn.random.randint(1, 4)):
        line = b"# %s, line %d" % (mark, number) + drawn.random.choice([b"", b" ", b"\t", b"\r"])
        lines.insert(where + number, line)
        drawn.kept[line] = str(path.relative_to(drawn.project))
    drawn.write(path, lines, "insert into")


def change(drawn: Drawn, mark: bytes) -> None:
    path = drawn.file()
    lines = drawn.lines(path)
    where = drawn.random.randrange(len(lines))
    drawn.kept.pop(lines[where], None)
    lines[where] += b"  # " + mark
    drawn.kept[lines[where]] = str(path.relative_to(drawn.project))
    drawn.write(path, lines, "change")


def cut(drawn: Drawn, mark: bytes) -> None:
    path = drawn.file()
    lines = drawn.lines(path)
    where = drawn.random.randrange(len(lines))
    taken = lines[where : where + drawn.random.randint(1, 6)]
    name = str(path.relative_to(drawn.project))
    for line in taken:
        drawn.kept.pop(line, None)
        if lines.count(line) == 1 and len(line) > 20:
            drawn.gone[line] = name
    lines[where : where + len(taken)] = []
    drawn.write(path, lines, "cut from")


def reformat(drawn: Drawn, mark: bytes) -> None:
    path = drawn.file()
    lines = drawn.lines(path)
    name = str(path.relative_to(drawn.project))
    where = drawn.random.randrange(len(lines))
    for number in range(where, min(where + 20, len(lines))):
        drawn.kept.pop(lines[number], None)
        drawn.gone.pop(lines[number], None)
        if lines[number].strip():
            lines[number] = b"  " + lines[number].replace(b"    ", b"\t") + b" "
            drawn.kept[lines[number]] = name
    drawn.write(path, lines, "reformat")


def cheese(drawn: Drawn, mark: bytes) -> None:
    path = drawn.file()
    line = b"# K\xe4se of " + mark
    drawn.kept[line] = str(path.relative_to(drawn.project))
    drawn.write(path, [*drawn.lines(path), line], "write Latin-1 into")


def move(drawn: Drawn, mark: bytes) -> None:
    path = drawn.file()
    new = path.parent / f"moved_{drawn.seed}" / path.name
    if new.exists():
        return
    new.parent.mkdir(exist_ok=True)
    old, name = (str(place.relative_to(drawn.project)) for place in (path, new))
    path.rename(new)
    for expected in (drawn.kept, drawn.gone):
        expected.update({line: name for line, file in expected.items() if file == old})
    drawn.said.append(f"move {old} to {name}")


def delete(drawn: Drawn, mark: bytes) -> None:
    path = drawn.file()
    drawn.forget(path)
    path.unlink()
    drawn.said.append(f"delete {path.relative_to(drawn.project)}")


def add_at_a_new_path(drawn: Drawn, mark: bytes) -> None:
    if not drawn.new_paths:  # the next version adds no files
        return
    path = drawn.project / drawn.random.choice(drawn.new_paths)
    if path.exists() or any(parent.is_file() for parent in path.parents):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    line = b"# " + mark
    drawn.kept[line] = str(path.relative_to(drawn.project))
    drawn.write(path, [line, b""], "add")


def windows_lines(drawn: Drawn, mark: bytes) -> None:
    # Remove it from the index now: git would still apply it to this commit, and write LF.
    git(drawn.project, "rm", "--quiet", "--force", "--ignore-unmatch", ".gitattributes")
    (drawn.project / ".gitattributes").unlink(missing_ok=True)
    drawn.forget(drawn.project / ".gitattributes")
    path = drawn.file()
    drawn.forget(path)
    name = str(path.relative_to(drawn.project))
    lines = [line.removesuffix(b"\r") + b"\r" for line in drawn.lines(path)[:-1]]
    drawn.kept.update({line: name for line in lines if len(line) > 20})
    drawn.write(path, [*lines, b""], "write CRLF into")


def run_it(drawn: Drawn, mark: bytes) -> None:
    path = drawn.file()
    path.chmod(0o755)
    drawn.said.append(f"make executable {path.relative_to(drawn.project)}")


Edit = Callable[[Drawn, bytes], None]
EDITS: list[Edit] = [
    insert,
    insert,
    change,
    change,
    cut,
    cut,
    reformat,
    cheese,
    move,
    move,
    delete,
    add_at_a_new_path,
    windows_lines,
    run_it,
]
