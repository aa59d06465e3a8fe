"""The project to update: where it lies, what it was answered, and whether it can be updated."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import Stop
from .repository import Repository

OLDEST_GIT = (2, 38)  # `git merge-tree --write-tree`
MARKS = re.compile(r"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)


@dataclass(frozen=True)
class Project:
    """A folder of a repository with answers in it."""

    folder: Path
    repository: Repository  # its root
    prefix: str  # of the folder in the repository: "" or "a/b/"
    answers_file: str

    def revision(self, commit: str = "HEAD") -> str:
        """The project's folder in a commit, as git names it."""
        return f"{commit}:{self.prefix}"

    def answers_text(self, commit: str = "HEAD") -> str | None:
        """The answers file in a commit, if it is there."""
        done = self.repository.attempt("show", f"{commit}:{self.prefix}{self.answers_file}")
        return None if done.returncode else done.stdout.decode("utf-8")

    def answers(self, commit: str = "HEAD") -> dict[str, Any]:
        """What was answered as of a commit, with what copier keeps beside it.

        Raises:
            Stop: there is no such file, or it holds something else.
        """
        text = self.answers_text(commit)
        if text is None:
            raise Stop(f"{self.answers_file} is missing: this project was not made by copier.")
        if MARKS.search(text):
            raise Stop(f"{self.answers_file} has conflict marks: resolve them and commit.")
        try:
            recorded = yaml.safe_load(text)
        except yaml.YAMLError:
            raise Stop(f"{self.answers_file} is not YAML: restore it from git's history.") from None
        for name in ("_commit", "_src_path"):
            if not isinstance(recorded, dict) or not isinstance(recorded.get(name), str):
                raise Stop(f"{self.answers_file} has no {name}: restore it from git's history.")
        return dict(recorded)


def opened(folder: Path, answers_file: str) -> Project:
    """The project in a folder.

    Raises:
        Stop: git is too old or refuses, or something is not committed.
    """
    _check_git()
    top = _top(folder)
    prefix = folder.relative_to(top).as_posix() + "/" if folder != top else ""
    project = Project(folder, Repository(top), prefix, answers_file)
    if project.repository.attempt("rev-parse", "--verify", "HEAD").returncode:
        raise Stop("Nothing has been committed yet: `git add -A && git commit`.")
    status = ("status", "--porcelain", "-z", "--untracked-files=no", "--", str(folder))
    if project.repository.run(*status):
        raise Stop("There are changes that are not committed: commit or stash them first.")
    return project


def _check_git() -> None:
    version = re.search(r"(\d+)\.(\d+)", Repository(Path.cwd()).text("--version"))
    if version and tuple(map(int, version.groups())) < OLDEST_GIT:
        raise Stop(f"git {version[0]} is too old: install git 2.38 or later.")


def _top(folder: Path) -> Path:
    """The root of the repository that a folder is in."""
    done = Repository(folder).attempt("rev-parse", "--show-toplevel")
    said = os.fsdecode(done.stderr)
    if "dubious ownership" in said:
        raise Stop(
            f"{folder} belongs to another user, and git does not run there: make it yours with"
            f" chown, or run `git config --global --add safe.directory {folder}`."
        )
    if done.returncode:
        raise Stop(
            f"{folder} is not in a git repository: `git init && git add -A && git commit`,"
            " best right after rendering."
        )
    return Path(os.fsdecode(done.stdout).removesuffix("\n"))
