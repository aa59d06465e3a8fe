"""What an update says at its end: a title and a text, as a pull request shows them."""

import re

import yaml

from .merging import Merge
from .project import Project
from .template import Template
from .versions import Versions

SECTION = re.compile(r"^## (?P<version>.+)$", re.MULTILINE)
KIND = re.compile(r"^### (.+)$", re.MULTILINE)
ENTRY = re.compile(r"\n(?=- |\S)")

Changes = dict[str, list[str]]


def changelog(template: Template, before: str, after: str) -> Changes:
    """What the CHANGELOG of one version says and that of the other does not, "Security" first."""
    old = _entries(template.file(before, "CHANGELOG.md"))
    new = _entries(template.file(after, "CHANGELOG.md"))
    found: Changes = {"Security": []}
    known = {entry for entries in old.values() for entry in entries}
    for kind, entries in new.items():
        found.setdefault(kind, []).extend(entry for entry in entries if entry not in known)
    return {kind: entries for kind, entries in found.items() if entries}


def _entries(text: str) -> Changes:
    """The entries and paragraphs below each version's heading, by kind."""
    found: Changes = {}
    for section in SECTION.split(text)[2::2]:
        first, *kinds = KIND.split(section)
        pairs = [("Changes", first), *zip(kinds[::2], kinds[1::2], strict=True)]
        for kind, entries in pairs:
            texts = (entry.strip() for entry in ENTRY.split(f"\n{entries.strip()}"))
            found.setdefault(kind, []).extend(text for text in texts if text)
    return found


def report(
    project: Project,
    template: Template,
    versions: Versions,
    merge: Merge,
    missing: list[str],
    data: dict[str, str],
) -> str:
    """All of it."""
    changes = changelog(template, versions.before, versions.after)
    parts = [
        _title(versions, data, changes),
        _part(
            "Conflicts: choose between the marks in each file, then `git add` it.",
            [f"- `{path}`" for path in sorted(merge.conflicts)],
        ),
        _part(
            "Changed in the template, but not here any more. If you moved these files, bring the"
            " change to where they are now; if you deleted them, there is nothing to do.",
            [f"- `{path}`" for path in missing],
        ),
        _part(
            "You have moved these files; the template's changes are at their new places.",
            [f"- `{old}` is `{new}`" for new, old in sorted(merge.moved.items())],
        ),
        _part(
            "New questions, answered with their defaults; `-d QUESTION=ANSWER` changes them.",
            _new_answers(project, merge, data),
        ),
    ]
    parts += [_part(f"## {kind}", entries) for kind, entries in changes.items()]
    return "".join(parts)


def _title(versions: Versions, data: dict[str, str], changes: Changes) -> str:
    if versions.before == versions.after:
        return f"Change {', '.join(f'{name}={answer}' for name, answer in data.items())}"
    text = f"pdate the template from {versions.name_before} to {versions.name_after}"
    return f"Security: u{text}" if "Security" in changes else f"U{text}"


def _part(heading: str, lines: list[str]) -> str:
    """Lines below a heading; nothing without lines."""
    return "\n".join(["\n", heading, "", *lines]) if lines else ""


def _new_answers(project: Project, merge: Merge, data: dict[str, str]) -> list[str]:
    """The questions that this project had not been asked, and was not told the answer to now."""
    blob = merge.repository.tree(merge.result)[project.answers_file][1]
    after = yaml.safe_load(merge.repository.content(blob))
    known = project.answers().keys() | data.keys()
    return [f"- `{name}`: `{after[name]}`" for name in after if name not in known]
