"""Run the shell commands of a guide unchanged, and follow a report's instructions by hand."""

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
    """Environment variables with which `uv` is the real one and `uvx` is a shell line."""
    (folder / "bin").mkdir()
    program(folder / "bin" / "uvx", f"#!/bin/sh\n{uvx}\n")
    (folder / "bin" / "uv").symlink_to(uv())
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return INHERITED | {"PATH": path}


def run(lines: str, project: Path, variables: dict[str, str]) -> str:
    """Run the commands of a guide, and return their output."""
    told = lines.replace(" TEMPLATE ", ' "$TEMPLATE" ')
    done = subprocess.run(
        ["bash", "-e", "-c", told], cwd=project, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{lines}\n{done.stdout}\n{done.stderr}"
    return done.stdout


PLACES = ("core.api.pagination", "core.api.etags")  # since 2.0.0
# A GitLab setting and alerts that are not in the repository, a file that no render has, and two
# changes that no edit makes.
DONE = (
    "- If an alert matches",
    "- On GitLab",
    "- If your `.env` does not say",
    "- If you had added routes to `PUBLIC_ENDPOINTS`",
    "- If you had added blueprints to `BLUEPRINTS`",
    "- If you kept the example",
    "- If your service has its own route `/api/docs`",
)


def do_by_hand(report: str, project: Path, variables: dict[str, str]) -> None:
    """Do what an update's report asks to do by hand, as its reader would."""
    section = BY_HAND.search(report)
    entries = re.split(r"\n(?=- )", section[1].strip()) if section else []
    for entry in entries:
        review = REVIEWED.search(entry)
        commands = COMMAND.findall(entry)
        is_done = entry.startswith(DONE)
        is_about_lists = "page_of" in entry
        assert review or commands or is_done or is_about_lists, f"not tested: {entry}"
        if is_about_lists:
            answer_pages(project)
        if entry.startswith("- With compose.yaml and") and not has_roles(project):
            continue
        if review:
            write_below_revision(project, review[1])
        for command in commands:
            run(command, project, variables)


def has_roles(project: Path) -> bool:
    """Whether the project's compose.yaml has a database with roles."""
    compose = project / "compose.yaml"
    return compose.exists() and "roles" in compose.read_text(encoding="utf-8")


def write_below_revision(project: Path, line: str) -> None:
    """Write a line to the revisions that the doctor names."""
    named = set(re.findall(r"(\w+\.py) drops", run_in_project(project, "flask", "doctor").stdout))
    for name in named:
        path = project / "migrations/versions" / name
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"^revision = .*", rf"\g<0>\n{line}", text, flags=re.MULTILINE))


def answer_pages(project: Path) -> None:
    """Make the example's list view end with `page_of`, if the project has the example."""
    for path in project.glob("src/*/experiments/views.py"):
        text = path.read_text(encoding="utf-8")
        rows = "rows.yield_per(ROWS_AT_ONCE)"
        dumped = f"map(ExperimentOut().dump, {rows})"
        if "._asdict()" in text:
            dumped = f"(row._asdict() for row in {rows})"
        text, count = re.subn(
            r'(    items = .*\n)?    found = \{"items": .*\n    return .*\n',
            f"    return page_of({dumped}, page, page_size, total)\n",
            text,
        )
        assert count == 1, text
        is_older = "from ..preconditions" in text
        module, before = ("pages", "preconditions") if is_older else PLACES
        imported = f"from ..{module} import ROWS_AT_ONCE, page_of\n"
        assert f"from ..{before}" in text, text
        path.write_text(text.replace(f"from ..{before}", f"{imported}from ..{before}", 1))
        run_in_project(project, "ruff", "check", "--fix", "--quiet", str(path))
        run_in_project(project, "ruff", "format", "--quiet", str(path))
