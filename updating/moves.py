"""Move the files of a project that the template has moved, and rewrite every import of them.

Git's merge detects a file that one side has moved, but does not rewrite imports of it in other
files. So the update makes the moves in both older trees before it merges: in the project as its
owner has it, and in the project as the template originally rendered it. A change that both trees
share is not a change to merge.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from . import carried, routes, settings_rows
from .errors import Stop
from .imports import Module, Names
from .repository import GONE, Blob, Repository, Tree

TABLE = "updating/moves.toml"  # in the template, at the version that the update leads to
TESTS = "tests"


@dataclass(frozen=True)
class Line:
    """A line of a file and its replacement."""

    path: str  # of the file, before any move
    needs: str  # replace the line only if this file exists
    old: str
    new: str


@dataclass(frozen=True)
class Moves:
    """Moves of files in a given package, and the module names that change with them."""

    paths: dict[str, str]  # new path by old path
    names: Names
    roots: dict[str, str]  # package name by folder
    lines: list[Line]

    def in_tree(self, repository: Repository, tree: str) -> str:
        """Return the tree after the moves.

        Raises:
            Stop: a file already exists at a new path.
        """
        files = repository.tree(tree)
        for old, new in self.paths.items():
            if old in files and new in files:
                raise Stop(
                    f"{old} becomes {new}, which you have already: rename yours, and commit."
                )
        changes: dict[str, Blob] = {}
        for old, new in self.paths.items():
            if old in files:
                changes |= {old: GONE, new: files[old]}
        candidates = self._candidates(repository, tree)
        contents = repository.contents([files[path][1] for path in candidates])
        for path, content in zip(candidates, contents, strict=True):
            new = self.paths.get(path, path)
            written = self._rewritten(content, path, new, files)
            if written is not None:
                changes[new] = (files[path][0], repository.store(written))
        return repository.changed_tree(tree, changes) if changes else tree

    def _candidates(self, repository: Repository, tree: str) -> list[str]:
        """Return the files that may name a module."""
        roots = "|".join([*self.roots, *self.roots.values()])
        pattern = (
            rf"from +\.|(^|[^A-Za-z0-9_])({roots})[./]|(from|import) +({roots})|`[a-z_/]+\.py`"
        )
        done = repository.attempt("grep", "-l", "-z", "-I", "-E", "-e", pattern, tree)
        found = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return [path.removeprefix(f"{tree}:") for path in found]

    def _rewritten(self, content: bytes, old: str, new: str, files: Tree) -> bytes | None:
        """Return a file's content after the moves, or None if it does not change."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return None
        moved = self._with_lines(self._with_paths(text, old), old, files)
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
                    f"The imports of {old} cannot be rewritten: please report this."
                ) from None
        return moved.encode() if moved != text else None

    def _with_lines(self, text: str, path: str, files: Tree) -> str:
        """Replace the lines that the table lists for this file."""
        for line in self.lines:
            if line.path == path and line.needs in files:
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


def module_at(path: str, roots: dict[str, str]) -> Module | None:
    """Return the module that a file defines, or None if it is not in any of the roots."""
    for folder, name in roots.items():
        if path.startswith(f"{folder}/") and path.endswith(".py"):
            parts = path.removeprefix(f"{folder}/").removesuffix(".py").split("/")
            is_package = parts[-1] == "__init__"
            return Module(".".join([name, *(parts[:-1] if is_package else parts)]), is_package)
    return None


@dataclass(frozen=True)
class Table:
    """The moves of all releases, or only those between two rendered trees."""

    files: dict[str, str]
    names: dict[str, str]
    folders: dict[str, str]  # modules that the owner added here move along
    removed: list[str]  # files of the example, which updates otherwise leave alone
    lines: list[dict[str, str]]

    def between(self, base: Tree, templates: Tree, package: str) -> "Table":
        """Return only the moves made after `base` and up to `templates`."""
        found = {}
        for old, new in self.files.items():
            while at(new, package) not in templates and new in self.files:
                new = self.files[new]
            if at(old, package) in base and at(new, package) in templates:
                found[old] = new
        removed = [path for path in self.removed if found and at(path, package) in base]
        return Table(found, self.names, self.folders, removed, self.lines if found else [])

    def in_package(self, package: str, added: Iterable[str] = ()) -> Moves:
        """Return the moves for a package in this folder, including files that its owner added."""
        name = package.rpartition("/")[2]
        roots = {package: name, TESTS: TESTS}
        paths = {at(old, package): at(new, package) for old, new in self.files.items()}
        if paths:
            paths |= self._of_owner(package, set(added) - paths.keys())
        modules = {
            before.name: after.name
            for old, new in paths.items()
            if (before := module_at(old, roots)) and (after := module_at(new, roots))
        }
        named = {
            old.replace("{package}", name): new.replace("{package}", name)
            for old, new in self.names.items()
        }
        names = {old: new for old, new in named.items() if old.rpartition(".")[0] in modules}
        lines = [
            Line(at(each["file"], package), at(each["if"], package), each["old"], each["new"])
            for each in self.lines
        ]
        return Moves(paths, Names(modules | names), roots, lines)

    def _of_owner(self, package: str, added: set[str]) -> dict[str, str]:
        found = {}
        for old, new in self.folders.items():
            for path in added:
                folder, _, name = path.rpartition("/")
                if folder == at(old, package) and not name.startswith(("test_", "conf")):
                    found[path] = f"{at(new, package)}/{name}"
        return found


def at(path: str, package: str) -> str:
    """Return a path of the table for a package in this folder."""
    return path.replace("src/{package}", package, 1)


def table(text: str) -> Table:
    """Parse `moves.toml`."""
    read = tomllib.loads(text)
    return Table(
        read.get("files", {}),
        read.get("names", {}),
        read.get("folders", {}),
        read.get("removed", []),
        read.get("lines", []),
    )
