"""docs/update.md quotes copier's error messages exactly, and has a remedy for each."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.render import ROOT, commit, git
from tools.updates.edits import swap
from tools.updates.older import OLDER
from tools.updates.projects import ANSWERS, own_script

GUIDE = (ROOT / "docs" / "update.md").read_text(encoding="utf-8")
SAID = re.findall(r"^\| [^|]+ \| `+ ?([A-Z].+?) ?`+ \| [^|]+ \|$", GUIDE, re.MULTILINE)

MIGRATION = '\n_migrations:\n  - version: v999.0.0\n    command: "true"\n'


def dirty(project: Path, template: Path) -> None:
    (project / "notes.txt").touch()


def not_in_git(project: Path, template: Path) -> None:
    shutil.rmtree(project / ".git")


def lost(project: Path, template: Path) -> None:
    swap(project / ANSWERS, OLDER, f"{OLDER}-3-gdeadbee")
    commit(project, "From a commit that is nowhere")


def relative(project: Path, template: Path) -> None:
    swap(project / ANSWERS, str(template), "../elsewhere/template")
    commit(project, "From a relative path")


def newer(project: Path, template: Path) -> None:
    swap(project / ANSWERS, f"_commit: {OLDER}", "_commit: v999.0.0")
    commit(project, "From a newer release")


def gated(project: Path, template: Path) -> None:
    changed = project.parent / "template"
    git(project.parent, "clone", "-q", str(template), str(changed))
    with (changed / "copier.yml").open("a") as file:
        file.write(MIGRATION)
    commit(changed, "Rename something")
    git(changed, "tag", "-f", "v999.0.0")
    swap(project / ANSWERS, str(template), str(changed))
    commit(project, "From a template with a hook")


CASES: dict[Callable[[Path, Path], None], list[str]] = {
    dirty: [],
    not_in_git: [],
    lost: [],
    relative: [],
    newer: [f"--vcs-ref={OLDER}"],
    gated: [],
}


@pytest.mark.parametrize(("case", "options"), CASES.items(), ids=[c.__name__ for c in CASES])
def test_guide_quotes_the_error_message_of_copier(
    releases_to_update: Path, project: Path, case: Callable[[Path, Path], None], options: list[str]
) -> None:
    case(project, releases_to_update)
    command = [sys.executable, "-m", "copier", "update", "--defaults", *options]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert SAID[list(CASES).index(case)] == last


def test_the_guide_has_a_row_for_each_case() -> None:
    assert len(SAID) == len(CASES)


def test_update_script_rejects_a_relative_template_path(
    releases_to_update: Path, project: Path
) -> None:
    relative(project, releases_to_update)
    done = own_script(project)
    assert done.returncode == 1
    assert done.stderr == (
        "_src_path in .copier-answers.yml is a relative path: use a URL or an absolute path.\n"
    )
