"""Layers: features import `core`, `core` imports `settings`; nothing imports the doctor."""

from graphlib import TopologicalSorter

import grimp
import pytest

from ..support.service import PACKAGE

BELOW = {"core": {"core", "settings"}, "settings": {"settings"}}


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """The modules that each module of the package imports."""
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def part(module: str) -> str:
    """The layer or feature that a module belongs to."""
    return f"{module}.".split(".")[1]


@pytest.mark.parametrize("layer", BELOW)
def test_layer_imports_only_itself_and_lower_layers(
    imported: dict[str, set[str]], layer: str
) -> None:
    modules = [module for module in imported if part(module) == layer]
    assert modules
    for module in modules:
        assert {part(each) for each in imported[module]} <= BELOW[layer], module


def test_nothing_imports_the_doctor(imported: dict[str, set[str]]) -> None:
    for module, found in imported.items():
        if part(module) != "doctor":
            assert "doctor" not in {part(each) for each in found}, module


def test_there_are_no_circular_imports(imported: dict[str, set[str]]) -> None:
    TopologicalSorter(imported).prepare()  # raises CycleError, which names the cycle
