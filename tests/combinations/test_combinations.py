"""A combination of answers, rendered and read: nothing in it runs."""

import subprocess
import sys
from pathlib import Path

from tools.inspection import commands, files, imports, leftovers
from tools.matrix.questions import Row, answers
from tools.render import render

RUFF = Path(sys.executable).with_name("ruff")


def test_a_render_is_whole(row: Row, template: Path, tmp_path: Path) -> None:
    """It parses, its imports, commands and links lead somewhere, and the linter is content."""
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
    """What the formatter or the linter says; undefined names are among it (F821)."""
    done = subprocess.run(
        [RUFF, *command, "--no-cache", "."], cwd=project, capture_output=True, text=True
    )
    return (done.stdout + done.stderr).splitlines() if done.returncode else []
