"""Each planted fault makes a render fail, and the check meant for that fault fails first."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import chromium
from tools.matrix.checks import CHECKS
from tools.matrix.presets import PRESETS
from tools.matrix.questions import row
from tools.matrix.results import Result, read
from tools.matrix.variants import structure, variants
from tools.planted_faults import FAULTS, OF_ANSWERS, Fault
from tools.releases import clone_template
from tools.render import ROOT, VERSION, commit, git

Answer = tuple[str, Any]

# Slow, and two of them would find most faults first: each runs only for its own faults.
SLOW = {"types", "own", "migrations", "api_page", "hostile"}


def planted(fault: Fault, folder: Path) -> Path:
    """A clone of the template with the fault planted."""
    template = clone_template(folder)
    fault.plant(template)
    commit(template, "Plant a fault")
    git(template, "tag", "--force", VERSION)
    return template


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_planted_fault_is_found_by_its_check(fault: Fault, tmp_path: Path) -> None:
    if fault.check == "api_page" and chromium.path() is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)(chromium.MISSING)
    template = planted(fault, tmp_path)
    assert first_failure(template, tmp_path / "result.xml", fault.check) == fault.check


def test_every_check_has_a_fault() -> None:
    assert {fault.check for fault in FAULTS.values()} == set(CHECKS)


def largest(answer: Answer) -> str:
    """The variant of the default run that has this answer and the most other parts."""
    name, value = answer
    bare = row(PRESETS["bare"])
    found = {id: row for id, row in variants().items() if row[name] == value}
    return max(found, key=lambda id: sum(found[id][name] != bare[name] for name in structure()))


@pytest.mark.full
@pytest.mark.parametrize(("answer", "fault"), OF_ANSWERS.items(), ids=map(str, OF_ANSWERS))
def test_fault_in_an_optional_part_is_found_by_the_default_run(
    answer: Answer, fault: Fault, tmp_path: Path
) -> None:
    template = planted(fault, tmp_path)
    found = first_failure(template, tmp_path / "result.xml", fault.check, largest(answer))
    assert found == fault.check


def test_every_answer_that_adds_a_part_has_a_fault() -> None:
    answers = {(name, value) for name, values in structure().items() for value in values}
    without = {("upstream", "none"), ("ci", "none"), ("deploy.docker", False), ("example", False)}
    assert set(OF_ANSWERS) == answers - without


def first_failure(
    template: Path, result: Path, wanted: str, variant: str = "default"
) -> str | None:
    """The first check of a variant that fails. Checks after `wanted` are not run."""
    names = list(CHECKS)
    tried = [name for name in names[: names.index(wanted) + 1] if name not in SLOW - {wanted}]
    command = [sys.executable, "-m", "pytest", "--no-header", f"--junit-xml={result}"]
    modules = [f"tests/variants/test_{name}.py" for name in tried]
    subprocess.run(
        [*command, f"--template={template}", f"--variant={variant}", "--processes=0", *modules],
        cwd=ROOT,
        # The variant's own tests also read this: failures after the first one do not matter.
        env=os.environ | {"PYTEST_ADDOPTS": "--exitfirst"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    failed = {case.check for case in read(result).cases if case.result is Result.FAILED}
    return next((name for name in tried if name in failed), None)
