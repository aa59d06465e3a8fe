"""AGENTS.md, here and in a render, names only files, tests and sessions that exist."""

import re
from pathlib import Path

import pytest

from tools.render import ROOT, render

NOTES = ROOT / "AGENTS.md"
RENDERED = ROOT / "template" / "AGENTS.md.jinja"


def rules(notes: Path) -> list[str]:
    """The rules, each on one line."""
    section = notes.read_text(encoding="utf-8").partition("## Rules")[2]
    return [" ".join(rule.split()) for rule in re.findall(r"^- (.+(?:\n  .+)*)", section, re.M)]


@pytest.mark.parametrize("rule", rules(NOTES))
def test_each_rule_names_tests_that_exist(rule: str) -> None:
    tests = re.findall(r"`(tests/\S+\.py)`", rule)
    assert tests
    assert [test for test in tests if not (ROOT / test).exists()] == []


@pytest.mark.parametrize("rule", rules(RENDERED))
def test_each_rule_of_a_render_names_tests_that_exist(rule: str) -> None:
    tests = re.findall(r"`(tests/\S+\.py)`", rule)
    assert tests
    assert [test for test in tests if not (ROOT / "template" / test).exists()] == []


def missing(folder: Path) -> list[str]:
    """The places that the layout in a folder's AGENTS.md names, but that do not exist there."""
    text = (folder / "AGENTS.md").read_text(encoding="utf-8")
    layout = text[text.index("## Layout") : text.index("## Rules")]
    places = re.findall(r"`([\w./]+[/.][\w./]*)`", layout)
    assert len(places) > 5
    return [place for place in places if not (folder / place).exists()]


def test_layout_names_places_that_exist() -> None:
    assert missing(ROOT) == []


def test_layout_of_a_render_names_places_that_exist(template: Path, tmp_path: Path) -> None:
    assert missing(render(template, tmp_path / "project", {})) == []


def test_commands_name_sessions_that_exist() -> None:
    sessions = re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(), re.M)
    named = re.findall(r"^uvx nox -s (?:\"(\w+)\(|([a-z ]+?)(?: --|  ))", NOTES.read_text(), re.M)
    words = {word for pair in named for text in pair for word in text.split()}
    assert words == {"lint", "tests", "variant", "repeat"}
    assert words <= set(sessions)
