"""The table of what releases have moved: `updating/moves.toml`."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from .imports import Names
from .moves import TESTS, Line, Moves, module_at
from .pages import Section
from .repository import Tree

TABLE = "updating/moves.toml"  # in the template, at the version of the update


@dataclass(frozen=True)
class Table:
    """The moves of all releases, or only those between two rendered trees."""

    files: dict[str, str]
    names: dict[str, str]
    folders: dict[str, str]  # modules that the owner added here move along
    tests: dict[str, str]
    removed: list[str]  # files of the example, which updates otherwise leave alone
    lines: list[dict[str, str]]
    sections: list[Section]

    def between(self, base: Tree, templates: Tree, package: str) -> "Table":
        """Return only the moves made after `base` and up to `templates`."""
        found = {}
        for old, new in self.files.items():
            while at(new, package) not in templates and new in self.files:
                new = self.files[new]
            if at(old, package) in base and at(new, package) in templates:
                found[old] = new
        removed = [path for path in self.removed if found and at(path, package) in base]
        sections = [
            section
            for section in self.sections
            if section.new_page in templates and section.new_page not in base
        ]
        lines = self.lines if found else []
        return Table(found, self.names, self.folders, self.tests, removed, lines, sections)

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
            Line(**{part: each[part].replace("src/{package}", package) for part in each})
            for each in self.lines
        ]
        return Moves(paths, Names(modules | names), roots, lines, self.tests)

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
        read.get("tests", {}),
        read.get("removed", []),
        read.get("lines", []) + _reworded(**read.get("reworded", {})),
        [Section(**section) for section in read.get("sections", [])],
    )


def _reworded(
    files: Iterable[str] = (), texts: dict[str, str] | None = None
) -> list[dict[str, str]]:
    return [
        {"file": file, "old": old, "new": new}
        for file in files
        for old, new in (texts or {}).items()
    ]
