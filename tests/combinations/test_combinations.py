"""Static checks of rendered combinations of answers. Nothing in a render is run."""

import subprocess
import sys
from pathlib import Path

from tools.inspection import commands, files, imports, leftovers
from tools.matrix.questions import Row, answers
from tools.render import render

RUFF = Path(sys.executable).with_name("ruff")


def test_render_is_complete_and_consistent(row: Row, template: Path, tmp_path: Path) -> None:
    """Files parse; imports, commands and links resolve; the formatter and linter pass."""
    told = answers(row)
    project = render(template, tmp_path / "project", told)
    faults = [
        *files.faults(project),
        *leftovers.faults(project, told),
        *imports.faults(project),
        *commands.faults(project),
        *_ruff(project, "format", "--check"),
        *_ruff(project, "check"),
    ]
    assert not faults, "\n".join(faults)


def _ruff(project: Path, *command: str) -> list[str]:
    """The output of the formatter or linter, which includes undefined names (F821)."""
    done = subprocess.run(
        [RUFF, *command, "--no-cache", "."], cwd=project, capture_output=True, text=True
    )
    return (done.stdout + done.stderr).splitlines() if done.returncode else []
