"""A git repository: commands that must succeed, and the trees in it."""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .errors import Stop

Blob = tuple[str, str]  # mode and object
Tree = dict[str, Blob]  # by path
GONE: Blob = ("0", "0" * 40)


@dataclass(frozen=True)
class Repository:
    """A folder that git runs in, with further variables."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git, and return what it printed.

        Raises:
            Stop: git fails, with its last line.
        """
        done = self.attempt(*arguments, stdin=stdin)
        if done.returncode:
            said = os.fsdecode(done.stderr).strip().splitlines() or ["it said nothing"]
            raise Stop(f"git {arguments[0]}: {said[-1]}")
        return done.stdout

    def attempt(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run git, which may fail."""
        try:
            return subprocess.run(
                ["git", *arguments],
                cwd=self.folder,
                env=os.environ | self.variables,
                input=stdin,
                capture_output=True,
            )
        except FileNotFoundError:
            raise Stop("git is not installed: install git 2.38 or later.") from None

    def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """What git printed, stripped."""
        return os.fsdecode(self.run(*arguments, stdin=stdin)).strip()

    def paths(self, *arguments: str) -> list[str]:
        """What git printed, separated by NUL."""
        return os.fsdecode(self.run(*arguments)).split("\0")[:-1]

    def tree(self, revision: str) -> Tree:
        """The files of a revision or tree."""
        found = {}
        for line in self.paths("ls-tree", "-r", "-z", "--full-tree", revision):
            described, _, path = line.partition("\t")
            mode, _, blob = described.split()
            found[path] = (mode, blob)
        return found

    def content(self, blob: str) -> bytes:
        """The bytes of a file."""
        return self.run("cat-file", "blob", blob)

    def contents(self, blobs: list[str]) -> Iterator[bytes]:
        """The bytes of many files, by one process."""
        told = self.run(
            "cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in blobs).encode()
        )
        start = 0
        for _ in blobs:
            described = told.index(b"\n", start)
            end = described + 1 + int(told[start:described].rpartition(b" ")[2])
            yield told[described + 1 : end]
            start = end + 1

    def store(self, content: bytes) -> str:
        """Keep bytes as a file's; the object's name."""
        return self.text("hash-object", "-w", "--no-filters", "--stdin", stdin=content)

    def changed_tree(self, tree: str, changes: dict[str, Blob]) -> str:
        """A tree with other files at some paths, or without them (GONE)."""
        with self.own_index(tree) as index:
            index.run("update-index", "-z", "--index-info", stdin=index_lines(changes.items()))
            return index.text("write-tree")

    @contextmanager
    def own_index(self, tree: str) -> Iterator["Repository"]:
        """This repository with an index of its own, which holds a tree."""
        with tempfile.TemporaryDirectory(prefix="update-") as folder:
            index = Repository(self.folder, {"GIT_INDEX_FILE": f"{folder}/index"})
            index.run("read-tree", tree)
            yield index

    def renames(self, before: str, after: str) -> dict[str, str]:
        """Old path by new one, of what was renamed between two trees."""
        options = ("-r", "-z", "--find-renames", "--diff-filter=R", "--name-status")
        found = iter(self.paths("diff-tree", *options, before, after))
        return {new: old for _, old, new in zip(found, found, found, strict=True)}

    def changes(self, before: str, after: str) -> list[str]:
        """The paths that differ between two trees."""
        return self.paths("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)


def index_lines(entries: Iterable[tuple[str, Blob]]) -> bytes:
    """What `git update-index --index-info` reads."""
    return b"".join(os.fsencode(f"{mode} {blob}\t{path}\0") for path, (mode, blob) in entries)
