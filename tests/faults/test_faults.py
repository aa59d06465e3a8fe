"""Broken on purpose, a render fails, and the first check that fails is the one for that fault."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..matrix.checks import CHECKS
from ..matrix.results import Result, read
from ..releases import clone_template
from ..render import ROOT, VERSION, commit, git
from .planted import FAULTS, Fault

# Slow, and two of them would find most faults first: run where they are what is shown.
SLOW = {"types", "own", "migrations", "hostile"}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_fails_at_its_check(fault: Fault, tmp_path: Path) -> None:
    template = clone_template(tmp_path)
    fault.plant(template)
    commit(template, "Plant a fault")
    git(template, "tag", "--force", VERSION)
    assert first_failure(template, tmp_path / "result.xml", fault.check) == fault.check


def test_every_check_has_a_fault() -> None:
    assert {fault.check for fault in FAULTS.values()} == set(CHECKS)


def first_failure(template: Path, result: Path, wanted: str) -> str | None:
    """The first check of the default variant that fails; checks beyond `wanted` are not run."""
    names = list(CHECKS)
    tried = [name for name in names[: names.index(wanted) + 1] if name not in SLOW - {wanted}]
    command = [sys.executable, "-m", "pytest", "--no-header", f"--junit-xml={result}"]
    modules = [f"tests/variants/test_{name}.py" for name in tried]
    subprocess.run(
        [*command, f"--template={template}", "--processes=0", *modules],
        cwd=ROOT,
        # The variant's own tests read it, too: what comes after the first failure shows nothing.
        env=os.environ | {"PYTEST_ADDOPTS": "--exitfirst"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    failed = {case.check for case in read(result).cases if case.result is Result.FAILED}
    return next((name for name in tried if name in failed), None)
