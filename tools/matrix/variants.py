"""The variants: the presets, then rows until every pair, or every three answers, are covered.

Only answers that change files count for coverage. Texts, log levels and Python versions rotate
through the rows; `texts` has additional rows for texts and log levels.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import combinations, product
from typing import Any

import covertable

from .presets import PRESETS
from .product import shaping
from .questions import FREE_TEXT, Row, defaults, factors, row

# The search is greedy, so try several starting orders and take the one with the fewest rows.
SALTS = 16

Tuple = tuple[tuple[str, Any], ...]


@cache
def variants() -> dict[str, Row]:
    """The rows of the default run by ID. They cover each pair of structural answers.

    They are the same on every call and on every machine.
    """
    return _extended({name: row(answers) for name, answers in PRESETS.items()}, 2)


@cache
def triples() -> dict[str, Row]:
    """The rows that a full run adds, so that every three structural answers are covered."""
    every = _extended(variants(), 3)
    return {name: row for name, row in every.items() if name not in variants()}


@cache
def texts() -> dict[str, Row]:
    """Rows for texts and log levels. They cover each non-default value."""
    texts = {name: values for name, values in _texts().items() if name != "python_version"}
    count = max(map(len, texts.values()))
    rows = (
        defaults() | {name: values[number % len(values)] for name, values in texts.items()}
        for number in range(1, count)
    )
    return {f"text-{identifier(row)}": row for row in rows}


def rows() -> dict[str, Row]:
    """Every row that can be run."""
    return variants() | triples() | texts()


def structure() -> dict[str, list[Any]]:
    """The factors that change files, and their values."""
    return {name: values for name, values in factors().items() if name in shaping()}


def _texts() -> dict[str, list[Any]]:
    return {name: values for name, values in factors().items() if name not in shaping()}


def _extended(named: Mapping[str, Row], strength: int) -> dict[str, Row]:
    """Add rows until each combination of `strength` structural answers is covered."""
    covered = [{name: row[name] for name in structure()} for row in named.values()]
    extended = dict(named)
    for shape in min((_covering(covered, strength, salt) for salt in range(SALTS)), key=len):
        if shape in covered:
            continue
        number = len(extended)
        told = {name: values[number % len(values)] for name, values in _texts().items()}
        further = {name: (shape | told)[name] for name in factors()}
        extended[_unused(identifier(further), extended)] = further
    return extended


def _covering(rows: list[Row], strength: int, salt: int) -> list[Row]:
    """Rows that cover each combination, including `rows`."""
    made: list[Row] = covertable.make(structure(), presets=rows, strength=strength, salt=str(salt))
    return made


def identifier(row: Row) -> str:
    """The differences from the defaults in words, such as `postgresql-redis-debug-no-auth`."""
    usual = defaults()
    words = [
        _word(factor, value)
        for factor, value in row.items()
        if value != usual[factor] and factor not in FREE_TEXT
    ]
    return "-".join(words) or "default"


def _word(factor: str, value: Any) -> str:
    name = factor.rpartition(".")[2]
    if value is True:
        return name
    return f"no-{name}" if value in (False, "none") else str(value).lower()


def _unused(name: str, taken: Iterable[str]) -> str:
    """Number the rows that differ only in free text."""
    if name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def combined(rows: Iterable[Row], strength: int) -> set[Tuple]:
    """The combinations of structural answers that occur together in a row."""
    shapes = [[(name, row[name]) for name in structure()] for row in rows]
    return {met for shape in shapes for met in combinations(shape, strength)}


def every(strength: int) -> set[Tuple]:
    """All combinations of the answers to `strength` structural questions."""
    return {
        tuple(zip(names, values, strict=True))
        for names in combinations(structure(), strength)
        for values in product(*(structure()[name] for name in names))
    }
