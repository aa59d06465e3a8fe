"""Check the workflows with actionlint and zizmor: `python -m tools.lint_workflows`."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .matrix.questions import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
BIN = Path(sys.executable).parent

# Offline, so that no network is needed. `pedantic` reports everything but what zizmor calls noise.
ZIZMOR = ["zizmor", "--offline", "--persona=pedantic", "--no-progress", "--quiet"]
# shellcheck by path, since the environment may not be on PATH. No pyflakes: no script is Python.
SHELLCHECK = BIN / "shellcheck"
ACTIONLINT = [
    "actionlint",
    f"-shellcheck={SHELLCHECK if SHELLCHECK.exists() else ''}",
    "-pyflakes=",
]


def faults(workflows: Sequence[Path]) -> str:
    """The output of the linters, or an empty string if they find nothing."""
    return "".join(_ask(program, workflows) for program in (ACTIONLINT, ZIZMOR))


def _ask(command: Sequence[str], workflows: Sequence[Path]) -> str:
    program, *options = command
    done = subprocess.run(
        [BIN / program, *options, *workflows], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode == 0:
        return ""
    return done.stdout + done.stderr or f"{program} exited with code {done.returncode}\n"


if __name__ == "__main__":
    sys.exit(faults(sorted(WORKFLOWS.glob("*.yml"))) or 0)
