"""Find leftovers of the template: tags, placeholders, blank lines, dead links, missing tests."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .tree import texts

JINJA = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")  # GitHub's own syntax
PLACEHOLDER = re.compile(r"\b(TODO|FIXME|XXX|CHANGEME|TBD)\b|lorem ipsum", re.IGNORECASE)
OTHER_NAMES = re.compile(r"my[-_ ]service|stoneware", re.IGNORECASE)
FIRST_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TEST = re.compile(r"`(test_\w+)`")
PYTHON = re.compile(r"^```python\n.*?^```$", re.MULTILINE | re.DOTALL)  # has two blank lines
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

# The first has similar tags of its own, for Mako. The second repeats the answers verbatim.
OWN_TAGS = ("migrations/script.py.mako",)
ANSWERS = ".copier-answers.yml"


def faults(project: Path, answers: Mapping[str, Any]) -> list[str]:
    """The leftovers, one per line, each starting with the file."""
    found = []
    for name, text in texts(project):
        if name != ANSWERS:
            found += [f"{name}: {fault}" for fault in _words(name, text, answers)]
        found += [f"{name}: {fault}" for fault in _scars(name, text)]
        if name.endswith(".md"):
            found += [f"{name}: {fault}" for fault in _links(project, text)]
            found += [f"{name}: {fault}" for fault in _tests(project, text)]
    return found


def _words(name: str, text: str, answers: Mapping[str, Any]) -> list[str]:
    text = _without(answers["description"], text)
    if name.startswith(".github/workflows/"):
        text = EXPRESSION.sub("", text)
    found = []
    # Python's format strings double their braces, and Flask's templates are checked as such.
    if name not in OWN_TAGS and not name.endswith((".py", ".html")):
        found += [f"template tag: {tag}" for tag in JINJA.findall(text)]
    found += [f"placeholder: {match[0]}" for match in PLACEHOLDER.finditer(text)]
    if answers["project_name"] != "my-service":
        found += [f"name of another project: {match[0]}" for match in OTHER_NAMES.finditer(text)]
    return found


def _without(description: str, text: str) -> str:
    """The text without the owner's own description, verbatim or as a JSON string."""
    quoted = json.dumps(description, ensure_ascii=False)[1:-1]
    return text.replace(quoted, "").replace(description, "")


def _scars(name: str, text: str) -> list[str]:
    """Blank lines that a Jinja block left behind. In Python, the formatter takes care of them."""
    found = []
    if text.startswith("\n"):
        found.append("starts with a blank line")
    if text and not text.endswith("\n"):
        found.append("no newline at end of file")
    if text.endswith("\n\n"):
        found.append("ends with a blank line")
    prose = PYTHON.sub(lambda code: code[0].replace("\n\n", "\n#\n"), text)
    if not name.endswith((".py", ".mako")) and "\n\n\n" in prose:
        line = prose[: prose.index("\n\n\n")].count("\n") + 2
        found.append(f"{line}: two consecutive blank lines")
    spaces = re.compile(r"[ \t]+$", re.MULTILINE).search(text)
    if spaces and not name.endswith(".mako"):
        found.append(f"{text[: spaces.start()].count(chr(10)) + 1}: trailing whitespace")
    return found


def _links(project: Path, text: str) -> list[str]:
    """Links of a page to files or headings that do not exist."""
    headings = {_anchor(heading) for heading in HEADING.findall(text)}
    found = []
    for target in FIRST_LINK.findall(_without_code(text)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        if (path and not (project / path).exists()) or (not path and anchor not in headings):
            found.append(f"broken link: {target}")
    return found


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _tests(project: Path, text: str) -> list[str]:
    """Tests that a document names but that do not exist with these answers."""
    sources = [path.read_text(encoding="utf-8") for path in project.glob("tests/**/*.py")]
    return [
        f"no such test: {name}"
        for name in sorted(set(TEST.findall(text)))
        if not any(f"def {name}(" in source for source in sources)
    ]
