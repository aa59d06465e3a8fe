"""Helpers for hooks: rename a project's files and answers without losing the owner's edits.

Copier runs a hook twice, with the project as working directory: before it renders, when answers
are renamed, and afterwards, when files are renamed. Each function checks STAGE and does nothing at
the other time.
"""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import copier
import yaml

ANSWERS = Path(".copier-answers.yml")
BEFORE, AFTER = "before", "after"
LABELS = ["-L", "before updating", "-L", "last update", "-L", "after updating"]  # as copier's


def rename_file(old: str, new: str) -> None:
    """Merge the owner's edits of a file into its new path, as an update does for other files.

    `{package}` in a path stands for the package's name. A file that the owner deleted or moved is
    not created again.
    """
    if os.environ["STAGE"] != AFTER:
        return
    package = str(_answers()["project_name"]).replace("-", "_")
    old, new = old.format(package=package), new.format(package=package)
    if not _git("ls-tree", "HEAD", f"./{old}"):
        Path(new).unlink(missing_ok=True)
        return
    with tempfile.TemporaryDirectory(prefix="hook-") as folder:
        _render_before(Path(folder) / "before")
        theirs = Path(folder) / "theirs"
        Path(new).rename(theirs)
        Path(new).write_bytes(_git("show", f"HEAD:./{old}"))
        merge = ["git", "merge-file", *LABELS, new, f"{folder}/before/{old}", str(theirs)]
        conflicts = subprocess.run(merge, check=False).returncode
    _git("rm", "--quiet", "--cached", old)
    if not conflicts:
        _git("add", new)


def _render_before(folder: Path) -> None:
    """Render the committed answers with the template version that the project was rendered from."""
    answers = yaml.safe_load(_git("show", f"HEAD:./{ANSWERS}"))
    told = {name: answer for name, answer in answers.items() if not name.startswith("_")}
    source, version = answers["_src_path"], answers["_commit"]
    copier.run_copy(source, folder, told, vcs_ref=version, defaults=True, quiet=True)


def rename_question(old: str, new: str) -> None:
    """Keep the answer to a question that was renamed."""
    answers = _answers()
    if os.environ["STAGE"] == BEFORE and old in answers:
        _write({new if name == old else name: answer for name, answer in answers.items()})


def rename_choice(question: str, old: str, new: str) -> None:
    """Keep a choice whose value was renamed, in single-choice and multiple-choice answers."""
    if os.environ["STAGE"] != BEFORE:
        return
    answers = _answers()
    chosen = answers.get(question)
    if isinstance(chosen, list):
        answers[question] = [new if choice == old else choice for choice in chosen]
    elif chosen == old:
        answers[question] = new
    _write(answers)


def _answers() -> dict[str, Any]:
    answers: dict[str, Any] = yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))
    return answers


def _write(answers: dict[str, Any]) -> None:
    text = yaml.safe_dump(answers, allow_unicode=True, sort_keys=False)
    ANSWERS.write_text(text, encoding="utf-8")


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], check=True, stdout=subprocess.PIPE).stdout
