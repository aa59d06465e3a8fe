"""Write the report of an update: a title and a body that also work for a pull request."""

import re

import yaml

from .merging import Merge
from .project import Project
from .template import Template
from .versions import Versions

SECTION = re.compile(r"^## (\S+).*$", re.MULTILINE)
KIND = re.compile(r"^### (.+)$", re.MULTILINE)
ENTRY = re.compile(r"\n(?=- |\S)")

UNRELEASED = "[Unreleased]"

Changes = dict[str, list[str]]


def changelog(template: Template, before: str, after: str) -> Changes:
    """Return the CHANGELOG entries of the releases between two versions, without duplicates.

    "Security" comes first, then "By hand".
    """
    old = _sections(template.file(before, "CHANGELOG.md"))
    told = {entry for changes in old.values() for entries in changes.values() for entry in entries}
    found: Changes = {"Security": [], "By hand": []}
    for version, changes in _sections(template.file(after, "CHANGELOG.md")).items():
        if version in old and version != UNRELEASED:
            continue
        for kind, entries in changes.items():
            for entry in entries:
                if entry not in told:
                    told.add(entry)
                    found.setdefault(kind, []).append(entry)
    return {kind: entries for kind, entries in found.items() if entries}


def _sections(text: str) -> dict[str, Changes]:
    """Return the entries and paragraphs of each version, by kind."""
    found: dict[str, Changes] = {}
    _, *parts = SECTION.split(text)
    for version, section in zip(parts[::2], parts[1::2], strict=True):
        first, *kinds = KIND.split(section)
        pairs = [("Changes", first), *zip(kinds[::2], kinds[1::2], strict=True)]
        found[version] = {kind: _entries(entries) for kind, entries in pairs}
    return found


def _entries(text: str) -> list[str]:
    stripped = (entry.strip() for entry in ENTRY.split(f"\n{text.strip()}"))
    return [entry for entry in stripped if entry]


def report(
    project: Project,
    template: Template,
    versions: Versions,
    merge: Merge,
    missing: list[str],
    data: dict[str, str],
) -> str:
    """Return the whole report."""
    changes = changelog(template, versions.before, versions.after)
    parts = [
        _title(versions, data, changes),
        _part(
            "Conflicts: resolve the conflict markers in each file, then `git add` it.",
            [f"- `{path}`" for path in sorted(merge.conflicts)],
        ),
        _part(
            "Changed in the template, but no longer in this project. If you moved these files,"
            " apply the changes at their new paths; if you deleted them, there is nothing to do.",
            [f"- `{path}`" for path in missing],
        ),
        _part(
            "You have moved these files; the template's changes were applied at their new paths.",
            [f"- `{old}` is now `{new}`" for new, old in sorted(merge.moved.items())],
        ),
        _part(
            "These files of yours follow the template's moves: imports, names and sections of pages.",
            [f"- `{path}`" for path in merge.rewritten],
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
    """Return the lines below a heading, or an empty string if there are no lines."""
    return "\n".join(["\n", heading, "", *lines]) if lines else ""


def _new_answers(project: Project, merge: Merge, data: dict[str, str]) -> list[str]:
    """List questions that are new to this project and that `-d` did not answer, with defaults."""
    blob = merge.repository.tree(merge.result)[project.answers_file][1]
    after = yaml.safe_load(merge.repository.content(blob))
    known = project.answers().keys() | data.keys()
    return [f"- `{name}`: `{after[name]}`" for name in after if name not in known]
