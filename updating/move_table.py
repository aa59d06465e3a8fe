"""The table of what releases have moved: `updating/moves.toml`."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .imports import Names
from .moves import TESTS, Line, Moves, module_at
from .pages import Section
from .repository import Tree

TABLE = "updating/moves.toml"  # in the template, at the version of the update


@dataclass(frozen=True)
class Release:
    """The changes of a release to the contents of files."""

    moved: str  # a file at its old path, which only older projects have
    removed: list[str] = field(default_factory=list)  # of the example, left alone otherwise
    folders: dict[str, str] = field(default_factory=dict)  # the owner's modules here move along
    lines: list[dict[str, str]] = field(default_factory=list)
    reworded: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The moves of all releases, or only those between two rendered trees."""

    files: dict[str, str]
    names: dict[str, str]
    tests: dict[str, str]
    sections: list[Section]
    releases: list[Release]

    def between(self, base: Tree, templates: Tree, package: str) -> "Table":
        """Return only the moves made after `base` and up to `templates`."""
        found = {}
        for old, new in self.files.items():
            last = self._last(new, templates, package)
            if at(old, package) in base and at(last, package) in templates:
                found[old] = last
        sections = [
            Section(section.page, section.heading, page)
            for section in self.sections
            if (page := self._last(section.new_page, templates, package)) in templates
            and section.new_page not in base
            and page not in base
        ]
        releases = [release for release in self.releases if release.moved in found]
        return Table(found, self.names, self.tests, sections, releases)

    def _last(self, path: str, templates: Tree, package: str) -> str:
        """Return where later releases have moved a path, up to the version of `templates`."""
        while at(path, package) not in templates and path in self.files:
            path = self.files[path]
        return path

    def removed_in(self, package: str) -> list[str]:
        """Return the files of the example that the releases have removed."""
        return [at(path, package) for release in self.releases for path in release.removed]

    def in_package(
        self, package: str, added: Iterable[str] = (), origins: dict[str, str] | None = None
    ) -> Moves:
        """Return the moves for a package in this folder.

        `added` are files that the owner added; `origins` are the template's paths of the files
        that the owner moved.
        """
        name = package.rpartition("/")[2]
        roots = {package: name, TESTS: TESTS}
        paths = {at(old, package): at(new, package) for old, new in self.files.items()}
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
            for release in self.releases
            for each in [*release.lines, *_reworded(**release.reworded)]
        ]
        return Moves(paths, Names(modules | names), roots, lines, self.tests, origins or {})

    def _of_owner(self, package: str, added: set[str]) -> dict[str, str]:
        found = {}
        folders = [item for release in self.releases for item in release.folders.items()]
        for old, new in folders:
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
        read.pop("files", {}),
        read.pop("names", {}),
        read.pop("tests", {}),
        [Section(**section) for section in read.pop("sections", [])],
        [Release(**release) for release in read.values()],
    )


def _reworded(
    files: Iterable[str] = (), texts: dict[str, str] | None = None
) -> list[dict[str, str]]:
    """Return the lines in which a text is a whole string in Python, or a whole cell in a table."""
    return [
        {"file": file, "old": mark.format(old), "new": mark.format(new)}
        for file in files
        for mark in ['"{}"' if file.endswith(".py") else "| {} |"]
        for old, new in (texts or {}).items()
    ]
