"""The factors of the matrix: the questions of copier.yml and their values.

A choice added to copier.yml joins the matrix automatically.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))

# Free text: the values that have broken renders, apart from the default. Every question without
# choices must be listed here.
FREE_TEXT: dict[str, list[str]] = {
    "project_name": ["x", "a-name-of-forty-characters-like-this-one", "z9-zulu"],
    "description": [
        'It\'s "quoted", {{ braced }}, größer 🚀 and back\\slashed',
        "# [Not a heading] | <b>not a tag</b> & 100 % of it: *one* line, `code` and ${HOME} too",
    ],
    "rate_limit": [
        "30 per hour|200 per day",
        "1000/day;900 per 12 hours;" + "0" * 55 + "800 per 1 hour",
    ],
}

Row = dict[str, Any]


def questions(config: Mapping[str, Any] = CONFIG) -> dict[str, dict[str, Any]]:
    """The questions that copier asks, without values that are only derived."""
    return {
        name: entry
        for name, entry in config.items()
        if not name.startswith("_") and entry.get("when") is not False
    }


def factors(config: Mapping[str, Any] = CONFIG) -> dict[str, list[Any]]:
    """The values of each factor, the default first. Each member of a multiselect is a factor.

    Raises:
        KeyError: a question has neither choices nor values in FREE_TEXT.
    """
    found: dict[str, list[Any]] = {}
    for name, question in questions(config).items():
        default = question["default"]
        if question.get("multiselect"):
            for member in _choices(question):
                found[f"{name}.{member}"] = _first(member in default, [True, False])
        elif "choices" in question:
            found[name] = _first(default, _choices(question))
        elif question["type"] == "bool":
            found[name] = _first(default, [True, False])
        else:
            found[name] = [default, *FREE_TEXT[name]]
    return found


def _choices(question: Mapping[str, Any]) -> list[Any]:
    choices = question["choices"]
    return list(choices.values() if isinstance(choices, dict) else choices)


def _first(value: Any, values: list[Any]) -> list[Any]:
    return [value, *(other for other in values if other != value)]


def defaults(config: Mapping[str, Any] = CONFIG) -> Row:
    """The row of default values."""
    return {factor: values[0] for factor, values in factors(config).items()}


def row(answers: Mapping[str, Any]) -> Row:
    """A complete row from some answers. Other factors keep their defaults."""
    given = defaults()
    for name, answer in answers.items():
        if name in given:
            given[name] = answer
        else:
            members = [factor for factor in given if factor.startswith(f"{name}.")]
            given |= {factor: factor.partition(".")[2] in answer for factor in members}
    return given


def answers(row: Mapping[str, Any]) -> Row:
    """The answers to give to copier for a row: the members of a multiselect become one list."""
    told: Row = {}
    for factor, value in row.items():
        name, _, member = factor.partition(".")
        if not member:
            told[name] = value
        else:
            told.setdefault(name, []).extend([member] if value else [])
    return told
