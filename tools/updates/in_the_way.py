"""Obstacles to an update, each with the message that the update script prints.

In a message, `NEW` is the file that the update adds, `PACKAGE` is the folder of that name, and
`CHANGED` is a file that the update changes.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from ..render import commit, git
from .projects import ANSWERS

CHANGED = "src/my_service/core/middleware/headers.py"  # by every update in these tests
CHANGED_BEFORE_2 = "src/my_service/security.py"


def changed(project: Path) -> str:
    """Return the path of the file that every update changes, in this project's release."""
    return CHANGED if git(project, "ls-files", CHANGED) else CHANGED_BEFORE_2


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def untracked_file(project: Path, new: str) -> None:
    (project / new).write_text("mine\n")


def ignored_file(project: Path, new: str) -> None:
    append(project / ".git/info/exclude", f"{Path(new).name}\n")
    (project / new).write_text("mine\n")


def ignored_link(project: Path, new: str) -> None:
    append(project / ".git/info/exclude", f"{Path(new).name}\n")
    (project / new).symlink_to("/nowhere")


def skipped_file(project: Path, _: str) -> None:
    path = changed(project)
    git(project, "update-index", "--skip-worktree", path)
    append(project / path, "# Mine\n")


def file_assumed_unchanged(project: Path, _: str) -> None:
    path = changed(project)
    git(project, "update-index", "--assume-unchanged", path)
    append(project / path, "# Mine\n")


def sparse_checkout(project: Path, _: str) -> None:
    git(project, "status")  # the files were copied, so git must refresh its index
    git(project, "sparse-checkout", "set", "--no-cone", "/*", f"!/{changed(project)}")


def package_of_the_same_name(project: Path, new: str) -> None:
    package = (project / new).with_suffix("")
    package.mkdir()
    (package / "__init__.py").write_text('"""Mine."""\n')
    commit(project, "Add a package")


def committed_file(project: Path, new: str) -> None:
    (project / new).write_text('"""Mine."""\n')
    commit(project, "Add a module")


def answers_by_hand(project: Path, _: str) -> None:
    text = (project / ANSWERS).read_text()
    (project / ANSWERS).write_text(text.replace("database: sqlite", "database: postgresql"))
    commit(project, "Change the database")


def marks_in_the_answers(project: Path, _: str) -> None:
    append(project / ANSWERS, "<<<<<<< HEAD\n=======\n>>>>>>> other\n")
    commit(project, "Merge")


def answers_that_are_no_yaml(project: Path, _: str) -> None:
    append(project / ANSWERS, "} {\n")
    commit(project, "Slip")


def no_answers(project: Path, _: str) -> None:
    git(project, "rm", "-q", ANSWERS)
    commit(project, "Delete the answers")


def no_commit(project: Path, _: str) -> None:
    shutil.rmtree(project / ".git")
    git(project, "init", "-q")


def no_repository(project: Path, _: str) -> None:
    shutil.rmtree(project / ".git")


Case = Callable[[Path, str], None]  # adds an obstacle to a project; takes the new file's path
CASES: list[tuple[Case, str]] = [
    (untracked_file, "The update would overwrite files that git does not track:\n  NEW\n"),
    (ignored_file, "The update would overwrite files that git does not track:\n  NEW\n"),
    (ignored_link, "The update would overwrite files that git does not track:\n  NEW\n"),
    (skipped_file, "--assume-unchanged):\n  CHANGED\n"),
    (file_assumed_unchanged, "--assume-unchanged):\n  CHANGED\n"),
    (sparse_checkout, "--assume-unchanged):\n  CHANGED\n"),
    (package_of_the_same_name, "  NEW and PACKAGE/\n"),
    (committed_file, "The update adds files that already exist:\n  NEW\n"),
    (answers_by_hand, " edited database in .copier-answers.yml by hand, but not the files"),
    (marks_in_the_answers, ".copier-answers.yml has conflict markers: resolve them and commit."),
    (answers_that_are_no_yaml, ".copier-answers.yml is not valid YAML"),
    (
        no_answers,
        ".copier-answers.yml is missing from the last commit: commit it, or name the answers file with -a.",
    ),
    (no_commit, "Nothing has been committed yet: run `git add -A && git commit`."),
    (no_repository, "is not in a git repository: run `git init && git add -A && git commit`"),
]
