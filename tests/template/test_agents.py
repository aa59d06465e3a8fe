"""AGENTS.md, here and in a render, names only files, tests and sessions that exist."""

import re
from pathlib import Path

import pytest

from tools.render import ROOT

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


def test_layout_names_places_that_exist() -> None:
    text = NOTES.read_text(encoding="utf-8")
    layout = text[text.index("## Layout") : text.index("## Rules")]
    places = re.findall(r"`([\w./]+)`", layout)
    assert places
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_commands_name_sessions_that_exist() -> None:
    sessions = re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(), re.M)
    named = re.findall(r"^uvx nox -s (?:\"(\w+)\(|([a-z ]+?)(?: --|  ))", NOTES.read_text(), re.M)
    words = {word for pair in named for text in pair for word in text.split()}
    assert words == {"lint", "tests", "variant", "repeat"}
    assert words <= set(sessions)
