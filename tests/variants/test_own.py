"""The variant's own tests pass on its own kind of database and limiter storage."""

import re
from pathlib import Path

from tools.project import must


def test_its_own_tests_pass(project: Path, is_thorough: bool, processes: str) -> None:
    """Where asked to, they are held to their own bound of coverage, too.

    Schemathesis then goes through all of its phases, which a plain `pytest` spares its user.
    """
    coverage = ["--cov"] if is_thorough else []
    fuzz = {"FUZZ_EXAMPLES": "1"} if is_thorough else {}
    # Both streams in one, as in a terminal: nothing follows the summary.
    both = ("sh", "-c", 'exec pytest "$@" 2>&1', "pytest")
    said = must(project, *both, "-q", f"--numprocesses={processes}", *coverage, **fuzz)
    assert re.match(r"\d+ passed", said.splitlines()[-1])
