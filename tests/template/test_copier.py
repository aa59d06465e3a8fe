"""Renders made by the tests are identical to those of the copier command line."""

import subprocess
import sys
from pathlib import Path

from tools.render import VERSION, render

Tree = dict[str, tuple[bytes, int]]


def tree(project: Path) -> Tree:
    """The bytes and mode of each file, without .git and without .env, whose key is random."""
    return {
        path.relative_to(project).as_posix(): (path.read_bytes(), path.stat().st_mode)
        for path in project.rglob("*")
        if path.is_file() and path.name != ".env" and ".git" not in path.parts
    }


def test_render_in_tests_matches_the_copier_command_line(template: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet"]
    copied = tmp_path / "copied"
    subprocess.run([*command, f"--vcs-ref={VERSION}", template, copied], check=True)
    assert tree(copied) == tree(render(template, tmp_path / "rendered", {}))
