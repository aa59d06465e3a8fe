"""Proof: each fault is found, and it alone; a deployment without one is told so."""

import pytest

from .deployment import CHECKS, World
from .faults import CASES, NOT_HERE, load

load()


def test_every_check_has_a_broken_deployment() -> None:
    assert set(CASES) | set(NOT_HERE) == set(CHECKS)
    assert not set(CASES) & set(NOT_HERE)


def test_nothing_is_found_where_nothing_is_wrong_and_everything_is_judged(world: World) -> None:
    world.serve()
    report = world.diagnose()
    assert report["findings"] == []
    assert set(report["passed"]) == set(CHECKS)


@pytest.mark.parametrize("id", sorted(CASES))
def test_each_fault_is_found_alone_at_its_severity(id: str, world: World) -> None:
    CASES[id](world)
    found = {(each["id"], each["severity"]) for each in world.diagnose()["findings"]}
    assert found == {(id, CHECKS[id].severity)}
