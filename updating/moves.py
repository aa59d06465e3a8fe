"""What the template has moved, moved in a project as well, with every import of it.

A merge follows a file that one side has moved, but not the imports of it in other files. So the
moves are made in both older trees before they are merged: in the project as its owner has it, and
in what the template once rendered. What both have changed alike is nobody's change.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from . import carried, routes, settings_rows
from .errors import Stop
from .imports import Module, Names
from .repository import GONE, Blob, Repository, Tree

TABLE = "updating/moves.toml"  # in the template, at the version of the update
TESTS = "tests"


@dataclass(frozen=True)
class Line:
    """A line that stands for another one."""

    path: str  # of the file, before any move
    needs: str  # a file without which it stays
    old: str
    new: str


@dataclass(frozen=True)
class Moves:
    """Moves of files, and names of modules that follow from them, in a package at some folder."""

    paths: dict[str, str]  # new by old
    names: Names
    roots: dict[str, str]  # full names by folder
    lines: list[Line]

    def in_tree(self, repository: Repository, tree: str) -> str:
        """The tree after the moves.

        Raises:
            Stop: a file is in the way.
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
        """The files that may name a module."""
        roots = "|".join([*self.roots, *self.roots.values()])
        pattern = (
            rf"from +\.|(^|[^A-Za-z0-9_])({roots})[./]|(from|import) +({roots})|`[a-z_/]+\.py`"
        )
        done = repository.attempt("grep", "-l", "-z", "-I", "-E", "-e", pattern, tree)
        found = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return [path.removeprefix(f"{tree}:") for path in found]

    def _rewritten(self, content: bytes, old: str, new: str, files: Tree) -> bytes | None:
        """A file's content after the moves; None where nothing changes."""
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
        """With other lines in the place of some."""
        for line in self.lines:
            if line.path == path and line.needs in files:
                text = text.replace(line.old, line.new)
        return text

    def _with_paths(self, text: str, path: str) -> str:
        """With the new paths; a page names a module of the package in backquotes, from there."""
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
    """The module that a file is, if it is one."""
    for folder, name in roots.items():
        if path.startswith(f"{folder}/") and path.endswith(".py"):
            parts = path.removeprefix(f"{folder}/").removesuffix(".py").split("/")
            is_package = parts[-1] == "__init__"
            return Module(".".join([name, *(parts[:-1] if is_package else parts)]), is_package)
    return None


@dataclass(frozen=True)
class Table:
    """The moves of all releases, or those between two rendered trees."""

    files: dict[str, str]
    names: dict[str, str]
    folders: dict[str, str]  # whose further modules, the owner's, move with the others
    removed: list[str]  # seeds, which updates leave alone otherwise
    lines: list[dict[str, str]]

    def between(self, base: Tree, templates: Tree, package: str) -> "Table":
        """Without what was moved before `base` or is moved after `templates`."""
        found = {}
        for old, new in self.files.items():
            while at(new, package) not in templates and new in self.files:
                new = self.files[new]
            if at(old, package) in base and at(new, package) in templates:
                found[old] = new
        removed = [path for path in self.removed if found and at(path, package) in base]
        return Table(found, self.names, self.folders, removed, self.lines if found else [])

    def in_package(self, package: str, added: Iterable[str] = ()) -> Moves:
        """The moves for a package in this folder, and for files that its owner has added."""
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
    """A path of the table for a package in this folder."""
    return path.replace("src/{package}", package, 1)


def table(text: str) -> Table:
    """What `moves.toml` says."""
    read = tomllib.loads(text)
    return Table(
        read.get("files", {}),
        read.get("names", {}),
        read.get("folders", {}),
        read.get("removed", []),
        read.get("lines", []),
    )
