"""The shell lines of a guide, and what a report leaves to do by hand, done as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

from ..project import INHERITED, uv
from ..project import run as run_in_project
from .forge import program

BY_HAND = re.compile(r"^## By hand\n\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"`(uvx? [^`]+)`")
REVIEWED = re.compile(r'`(reviewed = "the example goes")`')


def variables_for(folder: Path, uvx: str = f'exec {sys.executable} -m "$@"') -> dict[str, str]:
    """Variables with which `uv` is the real one, and `uvx` a shell line."""
    (folder / "bin").mkdir()
    program(folder / "bin" / "uvx", f"#!/bin/sh\n{uvx}\n")
    (folder / "bin" / "uv").symlink_to(uv())
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return INHERITED | {"PATH": path}


def run(lines: str, project: Path, variables: dict[str, str]) -> str:
    """Run the lines of a guide, and return what they printed."""
    told = lines.replace(" TEMPLATE ", ' "$TEMPLATE" ')
    done = subprocess.run(
        ["bash", "-e", "-c", told], cwd=project, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{lines}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def do_by_hand(report: str, project: Path, variables: dict[str, str]) -> None:
    """Do what an update's report leaves to do, as its reader would."""
    section = BY_HAND.search(report)
    entries = re.split(r"\n(?=- )", section[1].strip()) if section else []
    for entry in entries:
        review = REVIEWED.search(entry)
        commands = COMMAND.findall(entry)
        is_done = entry.startswith(("- On GitLab", "- If your `.env` does not say"))
        assert review or commands or is_done, f"not tested: {entry}"
        if review:
            write_below_revision(project, review[1])
        for command in commands:
            run(command, project, variables)


def write_below_revision(project: Path, line: str) -> None:
    """Write a line into the revisions that the doctor names."""
    named = set(re.findall(r"(\w+\.py) drops", run_in_project(project, "flask", "doctor").stdout))
    for name in named:
        path = project / "migrations/versions" / name
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"^revision = .*", rf"\g<0>\n{line}", text, flags=re.MULTILINE))
