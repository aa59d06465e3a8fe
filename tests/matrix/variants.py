"""The variants: presets first, then rows until every pair of answers is in one of them."""

from collections.abc import Iterable
from functools import cache
from itertools import combinations
from typing import Any

import covertable

from .presets import PRESETS
from .questions import FREE_TEXT, Row, defaults, factors, row

# The search is greedy: of some orders that it may start in, the one with the fewest rows is taken.
SALTS = 16

Pair = tuple[tuple[str, Any], tuple[str, Any]]


@cache
def variants() -> dict[str, Row]:
    """Each variant's row by its id, the same at every call and on every machine."""
    named = {name: row(answers) for name, answers in PRESETS.items()}
    for made in min((_covering(list(named.values()), salt) for salt in range(SALTS)), key=len):
        further = {factor: made[factor] for factor in factors()}
        if further not in named.values():
            named[_unused(identifier(further), named)] = further
    return named


def _covering(rows: list[Row], salt: int) -> list[Row]:
    """Rows that cover every pair, `rows` among them."""
    made: list[Row] = covertable.make(factors(), presets=rows, salt=str(salt))
    return made


def identifier(row: Row) -> str:
    """What differs from the defaults, in words: `postgresql-redis-debug-no-auth`."""
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
    """Rows that differ in free text alone are counted."""
    if name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def pairs(rows: Iterable[Row]) -> set[Pair]:
    """The pairs of answers that occur together in a row."""
    return {pair for row in rows for pair in combinations(row.items(), 2)}


def every_pair() -> set[Pair]:
    """All pairs of answers of two questions."""
    return {
        ((one, value), (other, further))
        for (one, values), (other, others) in combinations(factors().items(), 2)
        for value in values
        for further in others
    }
