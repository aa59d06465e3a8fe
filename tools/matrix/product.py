"""All combinations of the answers that change files, for static checks rather than running."""

import itertools
import random
from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, nodes

from .questions import CONFIG, ROOT, Row, factors

SAMPLE = 40  # rows that the default run checks; a full run checks all of them
SEED = 20261123


@cache
def shaping() -> list[str]:
    """The factors that a condition of the template uses. The others only fill in text."""
    texts = [
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "template").rglob("*.jinja"))
    ]
    texts += CONFIG["_exclude"]
    asked = {name for text in texts for name in _conditions(text)}
    return [factor for factor in factors() if factor.partition(".")[0] in asked]


def _conditions(text: str) -> Iterator[str]:
    """The names that the Jinja blocks of a text depend on."""
    tree = Environment(autoescape=True).parse(text)
    conditions: list[nodes.Node] = [block.test for block in tree.find_all(nodes.If)]
    conditions += [choice.test for choice in tree.find_all(nodes.CondExpr)]
    conditions += [loop.iter for loop in tree.find_all(nodes.For)]
    for condition in conditions:
        yield from (name.name for name in condition.find_all(nodes.Name))


def shapes() -> list[Row]:
    """Every combination of the shaping factors' values."""
    names = shaping()
    values = itertools.product(*(factors()[name] for name in names))
    return [dict(zip(names, chosen, strict=True)) for chosen in values]


@cache
def product() -> list[Row]:
    """Each shape once, with the text values rotating through them.

    A fixed seed shuffles the order, so that the first rows are a fair sample.
    """
    chosen = shapes()
    random.Random(SEED).shuffle(chosen)  # noqa: S311 - a sample, not a secret
    texts = {name: values for name, values in factors().items() if name not in shaping()}
    return [
        shape | {name: values[number % len(values)] for name, values in texts.items()}
        for number, shape in enumerate(chosen)
    ]
