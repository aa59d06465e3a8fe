"""Detect answers that were edited by hand, which leaves the files of the old answers behind."""

import tempfile
from pathlib import Path
from typing import Any

from .errors import Stop
from .project import Project
from .repository import Repository
from .template import Template


def check_answers(project: Project, template: Template) -> None:
    """Check each commit that changed an answer since the last update.

    An update, with or without `-d`, changes the answers file and other files together. If an answer
    changed but none of its files did, somebody edited the answer by hand.

    Raises:
        Stop: an answer was edited by hand; the message says how to change it.
    """
    file = f"{project.prefix}{project.answers_file}"
    for commit in project.repository.text("log", "--format=%H", "--", file).split():
        before, after = _recorded(project, f"{commit}^"), _recorded(project, commit)
        if before is None or after is None or before["_commit"] != after["_commit"]:
            return
        names = [name for name in after if name[0] != "_" and after[name] != before.get(name)]
        if names and not _changed_files(project, template, commit, before, after):
            told = " ".join(f"-d '{name}={after[name]}'" for name in names)
            raise Stop(
                f"Commit {commit[:10]} edited {', '.join(names)} in {project.answers_file} by hand,"
                f" but not the files that depend on it: revert that edit, then run this with {told}"
            )


def _recorded(project: Project, commit: str) -> dict[str, Any] | None:
    """Return the answers as of a commit, or None if they cannot be read."""
    try:
        return project.answers(commit)
    except Stop:
        return None


def _changed_files(
    project: Project, template: Template, commit: str, before: dict[str, Any], after: dict[str, Any]
) -> bool:
    """Return whether any file that depends on these answers has changed in the commit or later."""
    with tempfile.TemporaryDirectory(prefix="update-") as folder:
        rendered, commit_of_template = Path(folder, "rendered"), template.commit(after["_commit"])
        template.render(rendered, commit_of_template, before, project.answers_file)
        template.update(rendered, commit_of_template, after, project.answers_file)
        changes = Repository(rendered).changes("HEAD^", "HEAD")
        different = set(changes) - {project.answers_file}
    changed = project.repository.changes(f"{commit}^", "HEAD")
    return bool(different & {path.removeprefix(project.prefix) for path in changed})
