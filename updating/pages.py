"""Move sections of a page to pages of their own.

Like the moves of files, this happens in both older trees before they are merged, so that the
owner's edits of a section follow it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import Stop
from .repository import REGULAR_FILE, Blob, Repository

HEADING = re.compile(r"(#+) ")
FENCE = "```"


@dataclass(frozen=True)
class Section:
    """A section of a page, and the page that holds it since some release."""

    page: str
    heading: str  # the whole line, such as "## Settings"
    new_page: str


def in_trees(
    repository: Repository, sections: Iterable[Section], base: str, yours: str
) -> tuple[str, str]:
    """Return both trees after the moves of the sections that both of them have.

    A section that the owner has deleted is not moved, so the merge adds its new page.

    Raises:
        Stop: the owner already has a file at the path of a new page.
    """
    pages: dict[str, dict[str, str]] = {base: {}, yours: {}}  # changed texts by path, by tree
    files = {tree: repository.tree(tree) for tree in pages}
    for section in sections:
        found = {}
        for tree, changed in pages.items():
            text = changed.get(section.page) or _text(repository, files[tree].get(section.page))
            found[tree] = split(text, section.heading)
        if not all(content for _, content in found.values()):
            continue
        if section.new_page in files[yours]:
            raise Stop(
                f"The section {section.heading.lstrip('# ')} of {section.page} becomes"
                f" {section.new_page}, which you already have: rename yours, and commit."
            )
        for tree, (rest, content) in found.items():
            pages[tree] |= {section.page: rest, section.new_page: content}
    moved_base, moved_yours = (
        _with_pages(repository, tree, files[tree], texts) for tree, texts in pages.items()
    )
    return moved_base, moved_yours


def split(text: str, heading: str) -> tuple[str, str]:
    """Return a page without a section, and the section as a page; it is empty if there is none."""
    lines = text.splitlines(keepends=True)
    if f"{heading}\n" not in lines:
        return text, ""
    start = lines.index(f"{heading}\n")
    end = _end(lines, start)
    section = "".join([f"# {heading.lstrip('# ')}\n", *lines[start + 1 : end]])
    return "".join(lines[:start] + lines[end:]), section.rstrip("\n") + "\n"


def _end(lines: list[str], start: int) -> int:
    """Return the number of the line that ends a section: a heading of its level or a higher one."""
    level, in_code = _level(lines[start]), False
    for number in range(start + 1, len(lines)):
        if lines[number].startswith(FENCE):
            in_code = not in_code
        elif not in_code and 0 < _level(lines[number]) <= level:
            return number
    return len(lines)


def _level(line: str) -> int:
    heading = HEADING.match(line)
    return len(heading[1]) if heading else 0


def _text(repository: Repository, blob: Blob | None) -> str:
    return repository.content(blob[1]).decode("utf-8", "surrogateescape") if blob else ""


def _with_pages(
    repository: Repository, tree: str, files: dict[str, Blob], texts: dict[str, str]
) -> str:
    if not texts:
        return tree
    changes = {
        path: (files[path][0] if path in files else REGULAR_FILE, repository.store(_bytes(text)))
        for path, text in texts.items()
    }
    return repository.changed_tree(tree, changes)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
