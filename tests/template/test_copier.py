"""What the tests take from copier is what copier gives to people."""

import subprocess
import sys
from pathlib import Path

from tools.render import VERSION, render

Tree = dict[str, tuple[bytes, int]]


def tree(project: Path) -> Tree:
    """Each file's bytes and mode; without git's own, and without the key that is drawn anew."""
    return {
        path.relative_to(project).as_posix(): (path.read_bytes(), path.stat().st_mode)
        for path in project.rglob("*")
        if path.is_file() and path.name != ".env" and ".git" not in path.parts
    }


def test_a_render_of_the_tests_is_the_one_of_the_command_line(
    template: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet"]
    copied = tmp_path / "copied"
    subprocess.run([*command, f"--vcs-ref={VERSION}", template, copied], check=True)
    assert tree(copied) == tree(render(template, tmp_path / "rendered", {}))
