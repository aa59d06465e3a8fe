"""Move sections of a page to pages of their own.

Like the moves of files, this happens in both older trees before they are merged, so that the
owner's edits of a section follow it.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .errors import Stop
from .moves import is_taken
from .repository import REGULAR_FILE, Blob, Repository, Tree

HEADING = re.compile(r" {0,3}(#{1,6})\s")
FENCE = re.compile(r"\s*(`{3,}(?=[^`]*$)|~{3,})(.*)$")
LINK = re.compile(r"(?<=\]\()(?!\w+:|[#/])([^)#\s]+)")
KNOWN = 0.5  # part of a section's lines that an owner must still have to have edited it


@dataclass(frozen=True)
class Section:
    """A section of a page, and the page that holds it since some release."""

    page: str
    heading: str  # the whole line, such as "## Settings"
    new_page: str


class Pages:
    """The pages of a tree that change."""

    def __init__(self, repository: Repository, tree: str) -> None:
        self._repository, self._tree = repository, tree
        self.files: Tree = repository.tree(tree)
        self._texts: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
        if path not in self._texts and path in self.files:
            content = self._repository.content(self.files[path][1])
            return content.decode("utf-8", "surrogateescape")
        return self._texts.get(path, "")

    def __setitem__(self, path: str, text: str) -> None:
        self._texts[path] = text

    def tree(self) -> str:
        """Return the tree with the changed pages."""
        changes: dict[str, Blob] = {}
        for path, text in self._texts.items():
            mode = self.files[path][0] if path in self.files else REGULAR_FILE
            content = text.encode("utf-8", "surrogateescape")
            changes[path] = (mode, self._repository.store(content))
        return self._repository.changed_tree(self._tree, changes) if changes else self._tree


def in_trees(
    repository: Repository,
    sections: Iterable[Section],
    base: str,
    yours: str,
    moved_by_owner: dict[str, str],
) -> tuple[str, str]:
    """Return both trees after the moves of the sections that both of them have.

    If the owner has deleted a section, it is removed from the older page as well, and the merge
    adds the new page. `moved_by_owner` has the owner's path of each page by the template's.

    Raises:
        Stop: something of the owner's is at the path of a new page.
    """
    older, own = Pages(repository, base), Pages(repository, yours)
    for section in sections:
        page = moved_by_owner.get(section.page, section.page)
        rest, content = split(older[section.page], section.heading)
        own_rest, own_content = split(own[page], section.heading)
        if content and own_content:
            if is_taken(section.new_page, own.files):
                raise Stop(
                    f"The update moves the section {section.heading.lstrip('# ')} of {page} to"
                    f" {section.new_page}, which already exists: rename yours and commit."
                )
            older[section.page], own[page] = rest, own_rest
            older[section.new_page] = with_links(content, section.page, section.new_page)
            own[section.new_page] = with_links(own_content, page, section.new_page)
        elif content and own[page] and not _knows(own[page], content):
            older[section.page] = rest
    return older.tree(), own.tree()


def split(text: str, heading: str) -> tuple[str, str]:
    """Return a page without a section, and the section as a page; it is empty if there is none."""
    lines = re.split(r"(?<=\n)", text)
    headings = list(_headings(lines))
    for start, level in headings:
        if lines[start].rstrip("\r\n") == heading:
            ends = (number for number, other in headings if number > start and other <= level)
            end = next(ends, len(lines))
            section = "".join([f"# {heading.lstrip('# ')}\n", *lines[start + 1 : end]])
            return "".join(lines[:start] + lines[end:]), section.rstrip("\r\n") + "\n"
    return text, ""


def _headings(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the number and level of each heading that is not in a code block."""
    fence = ""
    for number, line in enumerate(lines):
        found = FENCE.match(line.rstrip())
        if fence:
            if found and found[1].startswith(fence) and not found[2]:
                fence = ""
        elif found:
            fence = found[1]
        elif heading := HEADING.match(line):
            yield number, len(heading[1])


def with_links(text: str, page: str, new_page: str) -> str:
    """Return the text with its relative links leading from the new page to the same files."""
    before, after = posixpath.dirname(page), posixpath.dirname(new_page)
    return LINK.sub(lambda link: posixpath.relpath(posixpath.join(before, link[1]), after), text)


def _knows(text: str, section: str) -> bool:
    """Whether a page still has most of a section, below another heading."""
    lines, known = set(section.split("\n")), set(text.split("\n"))
    return len(lines & known) > KNOWN * len(lines)
