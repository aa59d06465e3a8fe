"""The three trees that an update merges."""

import re
from pathlib import Path

from .merging import Merge, merge
from .project import Project
from .repository import Repository
from .template import Template
from .versions import Versions

SOURCE = re.compile(r"^_src_path:.*\n(?:[ \t].*\n)*", re.MULTILINE)
REGULAR_FILE = "100644"


def merged(
    project: Project, template: Template, versions: Versions, data: dict[str, str], folder: Path
) -> Merge:
    """Render both versions into a new folder, and merge them with the project."""
    file = project.answers_file
    template.render(folder, versions.before, project.answers(), file)
    template.update(folder, versions.after, data, file)
    repository = Repository(folder)
    objects = project.repository.text(
        "rev-parse", "--path-format=absolute", "--git-path", "objects"
    )
    (folder / ".git/objects/info/alternates").write_text(f"{objects}\n", encoding="utf-8")
    base, templates = (_with_source(repository, commit, project) for commit in ("HEAD^", "HEAD"))
    answers = repository.tree(base)[file]
    # Nobody edits the answers; a merge of their text could only fail.
    yours = repository.changed_tree(_tree(project), {file: answers})
    return merge(repository, base, yours, templates)


def _tree(project: Project) -> str:
    return project.repository.text("rev-parse", project.revision())


def _with_source(repository: Repository, commit: str, project: Project) -> str:
    """A rendered tree whose answers name the template as the project does, not by this clone."""
    file = project.answers_file
    text = repository.run("show", f"{commit}:{file}").decode("utf-8")
    (source,) = SOURCE.findall(project.answers_text() or "")
    changed = SOURCE.sub(lambda _: source, text)
    blob = repository.store(changed.encode("utf-8"))
    return repository.changed_tree(commit, {file: (REGULAR_FILE, blob)})
