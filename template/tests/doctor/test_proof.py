"""Proof: the doctor finds each fault and nothing else, and nothing in a healthy deployment."""

import pytest

from .deployment import CHECKS, World
from .faults import CASES, NOT_HERE, load

load()


def test_every_check_has_a_broken_deployment() -> None:
    without_fault = set(CHECKS) - set(CASES) - set(NOT_HERE)
    assert not without_fault, "add a deployment with this fault to tests/doctor/faults/"
    assert set(CASES) | set(NOT_HERE) == set(CHECKS)
    assert not set(CASES) & set(NOT_HERE)


def test_healthy_deployment_passes_every_check(world: World) -> None:
    world.serve()
    report = world.diagnose()
    assert report["findings"] == []
    assert set(report["passed"]) == set(CHECKS)


@pytest.mark.parametrize("id", sorted(CASES))
def test_each_fault_yields_only_its_own_finding(id: str, world: World) -> None:
    CASES[id](world)
    found = {(each["id"], each["severity"]) for each in world.diagnose()["findings"]}
    assert found == {(id, CHECKS[id].severity)}
