"""Run git in a repository, and read and write its trees."""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .errors import Stop

Blob = tuple[str, str]  # mode and object id
Tree = dict[str, Blob]  # by path
GONE: Blob = ("0", "0" * 40)
REGULAR_FILE = "100644"


@dataclass(frozen=True)
class Repository:
    """A folder to run git in, with additional environment variables."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run git and return its output.

        Raises:
            Stop: git failed; the message is its last line.
        """
        done = self.attempt(*arguments, stdin=stdin)
        if done.returncode:
            said = os.fsdecode(done.stderr).strip().splitlines() or ["no error message"]
            raise Stop(f"git {arguments[0]}: {said[-1]}")
        return done.stdout

    def attempt(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run git without checking its exit code."""
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
        """Run git and return its output, stripped."""
        return os.fsdecode(self.run(*arguments, stdin=stdin)).strip()

    def paths(self, *arguments: str) -> list[str]:
        """Run git and return the NUL-separated items of its output."""
        return os.fsdecode(self.run(*arguments)).split("\0")[:-1]

    def tree(self, revision: str) -> Tree:
        """Return the files of a revision or tree."""
        found = {}
        for line in self.paths("ls-tree", "-r", "-z", "--full-tree", revision):
            described, _, path = line.partition("\t")
            mode, _, blob = described.split()
            found[path] = (mode, blob)
        return found

    def content(self, blob: str) -> bytes:
        """Return the bytes of a file."""
        return self.run("cat-file", "blob", blob)

    def contents(self, blobs: list[str]) -> Iterator[bytes]:
        """Yield the bytes of many files, read with a single git process."""
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
        """Store bytes as a blob and return its object id."""
        return self.text("hash-object", "-w", "--no-filters", "--stdin", stdin=content)

    def store_all(self, contents: list[bytes]) -> list[str]:
        """Store many files with a single git process and return their object ids in order."""
        with tempfile.TemporaryDirectory(prefix="update-") as folder:
            paths = [Path(folder, str(number)) for number in range(len(contents))]
            for path, content in zip(paths, contents, strict=True):
                path.write_bytes(content)
            told = os.fsencode("".join(f"{path}\n" for path in paths))
            stored = self.text("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=told)
        return stored.split()

    def changed_tree(self, tree: str, changes: dict[str, Blob]) -> str:
        """Return a copy of a tree with files replaced, added or removed (GONE)."""
        with self.own_index(tree) as index:
            index.run("update-index", "-z", "--index-info", stdin=index_lines(changes.items()))
            return index.text("write-tree")

    @contextmanager
    def own_index(self, tree: str) -> Iterator["Repository"]:
        """Yield this repository with a temporary index that holds a tree."""
        with tempfile.TemporaryDirectory(prefix="update-") as folder:
            index = Repository(self.folder, {"GIT_INDEX_FILE": f"{folder}/index"})
            index.run("read-tree", tree)
            yield index

    def renames(self, before: str, after: str) -> dict[str, str]:
        """Return old paths by new path, for files that were renamed between two trees."""
        options = ("-r", "-z", "--find-renames", "--diff-filter=R", "--name-status")
        found = iter(self.paths("diff-tree", *options, before, after))
        return {new: old for _, old, new in zip(found, found, found, strict=True)}

    def changes(self, before: str, after: str) -> list[str]:
        """Return the paths that differ between two trees."""
        return self.paths("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)


def index_lines(entries: Iterable[tuple[str, Blob]]) -> bytes:
    """Return the input of `git update-index --index-info`."""
    return b"".join(os.fsencode(f"{mode} {blob}\t{path}\0") for path, (mode, blob) in entries)
