"""The variant's own tests pass on its type of database and rate-limit storage."""

import re
from pathlib import Path

from tools.project import must


def test_own_tests_pass(project: Path, is_thorough: bool, processes: str) -> None:
    """With --thorough, the tests must also reach the project's own coverage threshold.

    Schemathesis then runs all of its phases, which a plain `pytest` skips to save time.
    """
    coverage = ["--cov"] if is_thorough else []
    fuzz = {"FUZZ_EXAMPLES": "1"} if is_thorough else {}
    # Merge both streams, as in a terminal, so that the summary is the last line.
    both = ("sh", "-c", 'exec pytest "$@" 2>&1', "pytest")
    said = must(project, *both, "-q", f"--numprocesses={processes}", *coverage, **fuzz)
    assert re.match(r"\d+ passed", said.splitlines()[-1])
