"""Update a project, find its conflicts and compare it with another one."""

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
import yaml

from updating.main import main

from ..render import git

CONFLICT = "\n<<<<<<< before updating\n"

# Files that belong to the owner from the start. Updates leave them as they were first rendered.
SEEDS = re.compile(r"migrations/versions/|(src/\w+|tests)/(experiments|runs)/")
ANSWERS = ".copier-answers.yml"

Tree = dict[str, tuple[bytes, bool]]


def update(project: Path, **options: Any) -> None:
    """Update without trust, as `copier update --defaults` does."""
    given = {"defaults": True, "overwrite": True, "quiet": True, "unsafe": False}
    copier.run_update(project, **(given | options))


@dataclass(frozen=True)
class Done:
    """The exit code and the output of the update script."""

    returncode: int
    stdout: str
    stderr: str


def newest_script(project: Path, template: Path, *arguments: str) -> Done:
    """Run the update script of this repository, as if it were in the clone `template`."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([f"--project={project}", *arguments], template)
    return Done(code, out.getvalue(), err.getvalue())


def own_script(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the project's own script without uv: this environment has every script's dependencies."""
    variables = {name: value for name, value in os.environ.items() if name != "UV"}
    variables["PATH"] = os.defpath
    command = [sys.executable, "scripts/update.py", *arguments]
    return subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True)


def conflicts(project: Path) -> list[str]:
    """Files with conflicts, of any kind."""
    found = git(project, "diff", "--name-only", "--diff-filter=U").splitlines()
    for name in [*tracked(project), *git(project, "ls-files", "--others").splitlines()]:
        path = project / name
        if name.endswith(".rej") or (path.exists() and CONFLICT in path.read_text("utf-8")):
            found.append(name)
    return sorted(set(found))


def tracked(project: Path) -> list[str]:
    """The files that git tracks, and those that it would add."""
    options = ["--cached", "--others", "--exclude-standard"]
    return sorted(set(git(project, "ls-files", *options).splitlines()))


def tree(project: Path) -> Tree:
    """The bytes of each file and whether it is executable, without the git history."""
    found = {}
    for name in tracked(project):
        path = project / name
        if path.exists() and name != ANSWERS:
            found[name] = (path.read_bytes(), bool(path.stat().st_mode & 0o100))
    return found


def is_seed(name: str) -> bool:
    return SEEDS.match(name) is not None


def without_seeds(files: Tree) -> Tree:
    """The files that updates and toggles may change."""
    return {name: content for name, content in files.items() if not is_seed(name)}


def answers(project: Path) -> dict[str, Any]:
    """The recorded answers, with the version."""
    recorded: dict[str, Any] = yaml.safe_load((project / ANSWERS).read_text(encoding="utf-8"))
    return recorded


def differences(one: Tree, other: Tree) -> list[str]:
    """The names of the files that differ."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
