"""Broken deployments: for each check, one that has this fault and no other."""

import importlib
import pkgutil
from collections.abc import Callable

from ..deployment import World

Break = Callable[[World], object]

CASES: dict[str, Break] = {}
NOT_HERE: dict[str, str] = {}  # ids that cannot be broken on this database, and why


def broken(id: str) -> Callable[[Break], Break]:
    """Register the decorated function: it breaks a deployment so that the doctor reports `id`."""

    def register(case: Break) -> Break:
        assert id not in CASES, id
        CASES[id] = case
        return case

    return register


def load() -> None:
    """Register the cases of every module in this folder."""
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith(("test_", "conftest")):
            importlib.import_module(f".{module.name}", __package__)
