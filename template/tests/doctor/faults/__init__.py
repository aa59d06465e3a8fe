"""Broken deployments: for each id of the registry one that has this fault, and no other."""

import importlib
import pkgutil
from collections.abc import Callable

from ..deployment import World

Break = Callable[[World], object]

CASES: dict[str, Break] = {}
NOT_HERE: dict[str, str] = {}  # ids that nothing on this database can break, and why


def broken(id: str) -> Callable[[Break], Break]:
    """Register the function below as the one that breaks a deployment so that `id` is found."""

    def register(case: Break) -> Break:
        assert id not in CASES, id
        CASES[id] = case
        return case

    return register


def load() -> None:
    """Every case of every module in this folder."""
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith(("test_", "conftest")):
            importlib.import_module(f".{module.name}", __package__)
