"""Nothing of the template is left: tags, placeholders, scars, links to nothing, tests not there."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .tree import texts

JINJA = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")  # of GitHub's own
PLACEHOLDER = re.compile(r"\b(TODO|FIXME|XXX|CHANGEME|TBD)\b|lorem ipsum", re.IGNORECASE)
OTHER_NAMES = re.compile(r"my[-_ ]service|stoneware", re.IGNORECASE)
FIRST_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TEST = re.compile(r"`(test_\w+)`")
PYTHON = re.compile(r"^```python\n.*?^```$", re.MULTILINE | re.DOTALL)  # which has two of its own
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

# These hold such tags of their own, for Mako; and what the answers were, word for word.
OWN_TAGS = ("migrations/script.py.mako",)
ANSWERS = ".copier-answers.yml"


def faults(project: Path, answers: Mapping[str, Any]) -> list[str]:
    """What is left, a line each, the file first."""
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
    # Python's formatted strings double their braces; elsewhere nothing does.
    if name not in OWN_TAGS and not name.endswith(".py"):
        found += [f"a tag: {tag}" for tag in JINJA.findall(text)]
    found += [f"a placeholder: {match[0]}" for match in PLACEHOLDER.finditer(text)]
    if answers["project_name"] != "my-service":
        found += [f"another name: {match[0]}" for match in OTHER_NAMES.finditer(text)]
    return found


def _without(description: str, text: str) -> str:
    """The text without the owner's own words, as they are or as a JSON string."""
    quoted = json.dumps(description, ensure_ascii=False)[1:-1]
    return text.replace(quoted, "").replace(description, "")


def _scars(name: str, text: str) -> list[str]:
    """Blank lines that a block left behind. Python's are the formatter's matter."""
    found = []
    if text.startswith("\n"):
        found.append("a blank line at its start")
    if text and not text.endswith("\n"):
        found.append("no line break at its end")
    if text.endswith("\n\n"):
        found.append("a blank line at its end")
    prose = PYTHON.sub(lambda code: code[0].replace("\n\n", "\n#\n"), text)
    if not name.endswith((".py", ".mako")) and "\n\n\n" in prose:
        line = prose[: prose.index("\n\n\n")].count("\n") + 2
        found.append(f"{line}: two blank lines")
    spaces = re.compile(r"[ \t]+$", re.MULTILINE).search(text)
    if spaces and not name.endswith(".mako"):
        found.append(f"{text[: spaces.start()].count(chr(10)) + 1}: spaces at the end of a line")
    return found


def _links(project: Path, text: str) -> list[str]:
    """Links of a page that lead nowhere: to a file, or to a heading."""
    headings = {_anchor(heading) for heading in HEADING.findall(text)}
    found = []
    for target in FIRST_LINK.findall(_without_code(text)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        if (path and not (project / path).exists()) or (not path and anchor not in headings):
            found.append(f"a link to nothing: {target}")
    return found


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _tests(project: Path, text: str) -> list[str]:
    """Tests that a document names, and that these answers have not brought."""
    sources = [path.read_text(encoding="utf-8") for path in project.glob("tests/**/*.py")]
    return [
        f"no such test: {name}"
        for name in sorted(set(TEST.findall(text)))
        if not any(f"def {name}(" in source for source in sources)
    ]
