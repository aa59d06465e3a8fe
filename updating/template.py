"""The template: its versions, its questions, and rendering unedited projects from it."""

import contextlib
import difflib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
import yaml
from copier.errors import CopierError, UnsafeTemplateError
from packaging.version import InvalidVersion, Version

from .errors import Stop
from .repository import Repository

Answers = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A clone of the template, with its history and tags."""

    repository: Repository
    trusted: bool = False

    def commit(self, revision: str) -> str:
        """Return the commit of a tag, a branch or the output of `git describe`.

        Raises:
            Stop: the template has no such revision.
        """
        command = ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        done = self.repository.attempt(*command)
        if done.returncode:
            raise Stop(
                f"The template has no version {revision}. If your answers file names it as _commit,"
                " set that to the nearest release, commit, update, and review the diff."
            )
        return done.stdout.decode().strip()

    def name(self, commit: str) -> str:
        """Return the name that copier records for a commit."""
        return self.repository.text("describe", "--tags", "--always", commit)

    def newest(self) -> str:
        """Return the newest release, or HEAD if there is no release."""
        releases = [tag for tag in self.repository.text("tag").split() if _is_release(tag)]
        return max(releases, key=Version, default="HEAD")

    def is_newer(self, one: str, other: str) -> bool:
        """Return whether `one` is later than `other`, by version if both are releases."""
        try:
            return Version(self.name(one)) > Version(self.name(other))
        except InvalidVersion:
            command = ("merge-base", "--is-ancestor", one, other)
            return self.repository.attempt(*command).returncode != 0

    def file(self, commit: str, name: str) -> str:
        """Return a file's text at a version, or an empty string if it does not exist."""
        done = self.repository.attempt("show", f"{commit}:{name}")
        return done.stdout.decode("utf-8", "replace")

    def questions(self, commit: str) -> set[str]:
        """Return the questions that a version asks."""
        config = yaml.safe_load(self.file(commit, "copier.yml")) or {}
        return {
            name
            for name, details in config.items()
            if not name.startswith("_")
            and not (isinstance(details, dict) and details.get("when") is False)
        }

    def check_question(self, commit: str, name: str) -> None:
        """Raise Stop if a version does not ask this question."""
        asked = self.questions(commit)
        if name not in asked:
            (near, *_) = [*difflib.get_close_matches(name, asked, 1), None]
            hint = f"did you mean {near}?" if near else f"choose from {', '.join(sorted(asked))}."
            raise Stop(f"The template has no question {name}: {hint}")

    def render(self, folder: Path, commit: str, answers: Answers, answers_file: str) -> None:
        """Render a version into a new repository and commit it."""
        with _in_words():
            copier.run_copy(
                str(self.repository.folder),
                folder,
                data={name: answer for name, answer in answers.items() if name[0] != "_"},
                answers_file=answers_file,
                vcs_ref=commit,
                settings=copier.Settings(),
                defaults=True,
                overwrite=True,
                quiet=True,
                unsafe=self.trusted,
            )
        made = Repository(folder)
        made.run("init", "--quiet")
        _commit_all(made)

    def update(self, folder: Path, commit: str, answers: Answers, answers_file: str) -> None:
        """Update an unedited project from `render`, so nothing can conflict; hooks run here."""
        with _in_words():
            copier.run_update(
                folder,
                data=answers,
                answers_file=answers_file,
                vcs_ref=commit,
                settings=copier.Settings(),
                defaults=True,
                overwrite=True,
                quiet=True,
                unsafe=self.trusted,
            )
        _commit_all(Repository(folder))


def _commit_all(repository: Repository) -> None:
    repository.run("add", "--all")
    repository.run("commit", "--quiet", "--allow-empty", "--message=Render")


def _is_release(tag: str) -> bool:
    try:
        return not Version(tag).is_prerelease
    except InvalidVersion:
        return False


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Convert copier's exceptions to Stop, and keep its warnings off the terminal."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield
    except UnsafeTemplateError:
        raise Stop(
            "This update crosses a major release that runs a hook to rename files or answers:"
            " read its CHANGELOG entry, then run the same command with --trust."
        ) from None
    except (CopierError, ValueError) as error:
        raise Stop(f"copier: {' '.join(str(error).split())}") from None
