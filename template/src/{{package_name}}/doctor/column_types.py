"""Compare column types as revisions write them: do all existing values fit the new type?"""

import ast
from typing import Any, Literal

INTEGERS = ["SmallInteger", "Integer", "BigInteger"]
SIZES = ("length", "precision", "scale")
TEXTS = ("String", "Unicode", "VARCHAR", "Text", "UnicodeText", "TEXT")


def change_of_type(
    old: ast.expr | None, new: ast.expr | None
) -> Literal["", "wider", "narrower", "other"]:
    """Return how a column's type changes; empty if it does not, or if that is unknown.

    A longer text and an enum with more members are wider; other changes rewrite the table.
    """
    before, after = _described(old), _described(new)
    if before is None or after is None or before == after:
        return ""
    (old_name, old_size), (new_name, new_size) = before, after
    if old_name in TEXTS and new_name in TEXTS:
        return "narrower" if _length(new_size) < _length(old_size) else "wider"
    if old_name in INTEGERS and new_name in INTEGERS:
        return "narrower" if INTEGERS.index(new_name) < INTEGERS.index(old_name) else "other"
    if old_name == new_name == "Enum":
        return "narrower" if set(old_size) - set(new_size) else "wider"
    if old_name == new_name and any(
        n < o for o, n in zip(old_size, new_size, strict=False) if type(n) is type(o) is int
    ):
        return "narrower"
    return "other"


def _described(node: ast.expr | None) -> tuple[str, list[Any]] | None:
    """Return the name of a type and the constants that it is called with."""
    if not isinstance(node, ast.Call):
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name == "with_variant" and isinstance(node.func, ast.Attribute):
        return _described(node.func.value)
    values = [*node.args, *(each.value for each in node.keywords if each.arg in SIZES)]
    return name, [each.value for each in values if isinstance(each, ast.Constant)]


def _length(size: list[Any]) -> float:
    """Return the maximum number of characters; infinite if the type has none."""
    return next((each for each in size if isinstance(each, int)), float("inf"))
