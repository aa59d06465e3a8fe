"""Move the files of a project that the template has moved, and rewrite every import of them.

Git's merge detects a file that one side has moved, but does not rewrite imports of it in other
files. So the update makes the moves in both older trees before it merges: in the project as its
owner has it, and in the project as the template originally rendered it. A change that both trees
share is not a change to merge.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from . import carried, routes, settings_rows
from .errors import Stop
from .imports import Names
from .repository import GONE, Blob, Repository, Tree
from .statements import Module

TESTS = "tests"


@dataclass(frozen=True)
class Line:
    """A line of a file and its replacement."""

    file: str  # before any move
    old: str
    new: str
    needs: str = ""  # replace the line only if this file exists


@dataclass(frozen=True)
class Moves:
    """Moves of files in a given package, and the module names that change with them."""

    paths: dict[str, str]  # new path by old path
    names: Names
    roots: dict[str, str]  # package name by folder
    lines: list[Line]
    tests: dict[str, str]  # new names by old, of tests that pages mention
    origins: dict[str, str]  # the template's path of each file that the owner moved

    def in_tree(self, repository: Repository, tree: str) -> str:
        """Return the tree after the moves.

        Raises:
            Stop: a file already exists at a new path.
        """
        if not self.paths:
            return tree
        files = repository.tree(tree)
        for old, new in self.paths.items():
            if old in files and is_taken(new, files):
                raise Stop(
                    f"The update moves {old} to {new}, which already exists:"
                    " rename yours and commit."
                )
        changes: dict[str, Blob] = {}
        for old, new in self.paths.items():
            if old in files:
                changes |= {old: GONE, new: files[old]}
        candidates = self._candidates(repository, tree, files)
        contents = repository.contents([files[path][1] for path in candidates])
        rewritten = {
            path: written
            for path, content in zip(candidates, contents, strict=True)
            if (written := self._rewritten(content, path, self.paths.get(path, path), files))
            is not None
        }
        blobs = repository.store_all(list(rewritten.values()))
        for path, blob in zip(rewritten, blobs, strict=True):
            changes[self.paths.get(path, path)] = (files[path][0], blob)
        return repository.changed_tree(tree, changes) if changes else tree

    def _candidates(self, repository: Repository, tree: str, files: Tree) -> list[str]:
        """Return the files that may name a module or a test, and those with lines to replace."""
        roots = "|".join([*self.roots, *self.roots.values()])
        pattern = rf"from +\.|(^|[^A-Za-z0-9_])({roots})[./]|(from|import) +({roots})|`[a-z_/]+\.py`|`test_"
        done = repository.attempt("grep", "-l", "-z", "-I", "-E", "-e", pattern, tree)
        found = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
        listed = {line.file for line in self.lines}
        replaced = {path for path in files if self.origins.get(path, path) in listed}
        return sorted(replaced.union(path.removeprefix(f"{tree}:") for path in found))

    def _rewritten(self, content: bytes, old: str, new: str, files: Tree) -> bytes | None:
        """Return a file's content after the moves, or None if it does not change."""
        errors = "strict" if old.endswith(".py") else "surrogateescape"
        try:
            text = content.decode("utf-8", errors)
        except UnicodeDecodeError:
            return None
        moved = self._with_lines(self._with_paths(text, old), old, files)
        if old.endswith(".md"):
            moved = re.sub(r"\btest_\w+", lambda name: self.tests.get(name[0], name[0]), moved)
        if not old.endswith(".py"):
            moved = self.names.in_text(moved)
        else:
            try:
                moved = self.names.in_module(moved, self._module(old), self._module(new))
                package = next(iter(self.roots.values()))
                moved = settings_rows.in_module(routes.in_module(moved))
                moved = carried.in_module(moved, self._module(new), package)
            except ValueError:
                raise Stop(
                    f"The imports in {old} cannot be rewritten: please report this."
                ) from None
        return moved.encode("utf-8", errors) if moved != text else None

    def _with_lines(self, text: str, path: str, files: Tree) -> str:
        """Replace the lines that the table lists for this file."""
        for line in self.lines:
            if line.file == self.origins.get(path, path) and (
                not line.needs or line.needs in files
            ):
                text = text.replace(line.old, line.new)
        return text

    def _with_paths(self, text: str, path: str) -> str:
        """Replace old paths; Markdown also has them in backquotes, relative to the package."""
        named = dict(self.paths)
        if path.endswith(".md"):
            package = f"{next(iter(self.roots))}/"
            named |= {
                f"`{old.removeprefix(package)}`": f"`{new.removeprefix(package)}`"
                for old, new in self.paths.items()
                if old.startswith(package)
            }
        names = "|".join(map(re.escape, named))
        return re.sub(rf"(?<![\w./-])(?:{names})(?!\w)", lambda found: named[found[0]], text)

    def _module(self, path: str) -> Module | None:
        return module_at(path, self.roots)


def is_taken(path: str, files: Tree) -> bool:
    """Whether the tree has this path, a folder of this name, or a file where its folder would be."""
    parents = PurePosixPath(path).parents
    return (
        path in files
        or any(str(parent) in files for parent in parents)
        or any(other.startswith(f"{path}/") for other in files)
    )


def module_at(path: str, roots: dict[str, str]) -> Module | None:
    """Return the module that a file defines, or None if it is not in any of the roots."""
    for folder, name in roots.items():
        if path.startswith(f"{folder}/") and path.endswith(".py"):
            parts = path.removeprefix(f"{folder}/").removesuffix(".py").split("/")
            is_package = parts[-1] == "__init__"
            return Module(".".join([name, *(parts[:-1] if is_package else parts)]), is_package)
    return None
