"""`rate_limit` accepts exactly what the `limits` package parses, above 0, in printable ASCII."""

import re

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from limits import parse_many

from tools.render import ROOT

PATTERN = yaml.safe_load((ROOT / "copier.yml").read_text())["rate_limit_pattern"]["default"]
UNITS = ["second", "minute", "hour", "day", "month", "year", "week", "d"]
PRINTABLE = "".join(map(chr, range(32, 127)))

number = st.one_of(st.just("0"), st.just("00"), st.integers(0, 9999).map(str))
unit = st.sampled_from(UNITS).flatmap(
    lambda name: st.sampled_from([name, name + "s", name.upper()])
)
space = st.sampled_from(["", " ", "  "])
per = st.sampled_from(["/", "per", "PER", " per "])
limit = st.tuples(space, number, space, per, space, st.just("") | number, space, unit, space)
separator = st.sampled_from([";", ",", "|", ":;", ";;", ":"])
grammar = st.lists(st.one_of(limit.map("".join), separator), min_size=1, max_size=5).map("".join)


def is_accepted(text: str) -> bool:
    """Whether copier's validator accepts the text."""
    return re.search(PATTERN, text) is not None


def is_right(text: str) -> bool:
    """Whether the service accepts the text when it starts."""
    try:
        limits = parse_many(text)
    except ValueError:
        return False
    return all(limit.amount > 0 for limit in limits)


@settings(max_examples=3000, deadline=None, derandomize=True)
@given(grammar)
@example("200 per day; 50 per hour")
@example("1/day:;2/hour")
@example("1perday")
@example("1 per 0 day")
@example("0/day")
def test_the_validator_agrees_with_the_package_on_its_grammar(text: str) -> None:
    assert is_accepted(text) == is_right(text)


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(st.text(PRINTABLE, max_size=40))
def test_the_validator_agrees_with_the_package_on_any_text(text: str) -> None:
    assert is_accepted(text) == is_right(text)


@pytest.mark.parametrize(
    "text", ["1 per day\n", "1\u00a0per day", "1 per \u017fecond", "1\tper day"]
)
def test_text_beyond_printable_ascii_is_rejected(text: str) -> None:
    assert not is_accepted(text)
