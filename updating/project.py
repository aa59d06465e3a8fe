"""The project to update: its folder, its answers, and checks that it can be updated."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import Stop
from .repository import Repository

OLDEST_GIT = (2, 38)  # the first with `git merge-tree --write-tree`
MARKS = re.compile(r"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)


@dataclass(frozen=True)
class Project:
    """A folder in a repository, with an answers file."""

    folder: Path
    repository: Repository  # at the root of its work tree
    prefix: str  # path of the folder in the repository: "" or "a/b/"
    answers_file: str

    def revision(self, commit: str = "HEAD") -> str:
        """Return git's name for the project's folder in a commit."""
        return f"{commit}:{self.prefix}"

    def answers_text(self, commit: str = "HEAD") -> str | None:
        """Return the answers file in a commit, or None if it is not there."""
        done = self.repository.attempt("show", f"{commit}:{self.prefix}{self.answers_file}")
        return None if done.returncode else done.stdout.decode("utf-8")

    def answers(self, commit: str = "HEAD") -> dict[str, Any]:
        """Return the answers as of a commit, with copier's own entries (`_commit`, `_src_path`).

        Raises:
            Stop: the answers file is missing or invalid.
        """
        text = self.answers_text(commit)
        if text is None:
            raise Stop(
                f"{self.answers_file} is missing from the last commit: commit it, or name the"
                " answers file with -a."
            )
        if MARKS.search(text):
            raise Stop(f"{self.answers_file} has conflict markers: resolve them and commit.")
        try:
            recorded = yaml.safe_load(text)
        except yaml.YAMLError:
            raise Stop(
                f"{self.answers_file} is not valid YAML: restore it from git's history."
            ) from None
        for name in ("_commit", "_src_path"):
            if not isinstance(recorded, dict) or not isinstance(recorded.get(name), str):
                raise Stop(f"{self.answers_file} has no {name}: restore it from git's history.")
        return dict(recorded)


def opened(folder: Path, answers_file: str) -> Project:
    """Return the project in a folder.

    Raises:
        Stop: git is too old or does not work in this folder, or there are uncommitted changes.
    """
    _check_git()
    top = _top(folder)
    prefix = folder.relative_to(top).as_posix() + "/" if folder != top else ""
    project = Project(folder, Repository(top), prefix, answers_file)
    if project.repository.attempt("rev-parse", "--verify", "HEAD").returncode:
        raise Stop("Nothing has been committed yet: run `git add -A && git commit`.")
    status = ("status", "--porcelain", "-z", "--untracked-files=no", "--", str(folder))
    if project.repository.run(*status):
        raise Stop("There are uncommitted changes: commit or stash them first.")
    return project


def _check_git() -> None:
    version = re.search(r"(\d+)\.(\d+)", Repository(Path.cwd()).text("--version"))
    if version and tuple(map(int, version.groups())) < OLDEST_GIT:
        raise Stop(f"git {version[0]} is too old: install git 2.38 or later.")


def _top(folder: Path) -> Path:
    """Return the root of the repository that a folder is in."""
    done = Repository(folder).attempt("rev-parse", "--show-toplevel")
    said = os.fsdecode(done.stderr)
    if "dubious ownership" in said:
        raise Stop(
            f"{folder} belongs to another user, so git refuses to use it: change its owner with"
            f" chown, or run `git config --global --add safe.directory {folder}`."
        )
    if done.returncode:
        raise Stop(
            f"{folder} is not in a git repository: run `git init && git add -A && git commit`,"
            " ideally right after rendering."
        )
    return Path(os.fsdecode(done.stdout).removesuffix("\n"))
