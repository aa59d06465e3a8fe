"""Build the three trees that an update merges."""

import re
from dataclasses import replace
from pathlib import Path

from . import pages
from .formatting import Trees, in_style_of
from .merging import Merge, merge
from .move_table import TABLE, Table, table
from .project import Project
from .repository import GONE, REGULAR_FILE, Repository
from .template import Template
from .versions import Versions

SOURCE = re.compile(r"^_src_path:.*\n(?:[ \t].*\n)*", re.MULTILINE)


def merged(
    project: Project, template: Template, versions: Versions, data: dict[str, str], folder: Path
) -> Merge:
    """Render both versions into a new folder and merge them with the project."""
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
    # The answers file is not meant for editing; merging its text could only cause conflicts.
    yours = repository.changed_tree(_tree(project), {file: answers})
    moves = table(template.file(versions.after, TABLE))
    base, moved, templates = _after_moves(repository, moves, project, base, yours, templates)
    trees = in_style_of(repository, yours, Trees(base, moved, templates))
    made = merge(repository, trees.base, trees.yours, trees.templates)
    return replace(made, original=yours)


def _after_moves(
    repository: Repository, moves: Table, project: Project, base: str, yours: str, templates: str
) -> tuple[str, str, str]:
    """Return the three trees, with the template's moves also made in the two older ones.

    Files that updates leave alone have the older release's content, after the moves, in the newer
    tree as well.
    """
    package = "src/" + str(project.answers()["project_name"]).replace("-", "_")
    old, new = repository.tree(base), repository.tree(templates)
    moves = moves.between(old, new, package)
    if not moves.files and not moves.sections:
        return base, yours, templates
    moved_by_owner = {before: after for after, before in repository.renames(base, yours).items()}
    factory = f"{package}/__init__.py"
    of_owner = moved_by_owner.get(factory, factory).removesuffix("/__init__.py")
    files = repository.tree(yours)
    added = [path for path in files if path.replace(of_owner, package, 1) not in old]
    origins = {
        after: before.replace(package, of_owner, 1) for before, after in moved_by_owner.items()
    }
    mine = moves.in_package(of_owner, added, origins).in_tree(repository, yours)
    moved = moves.in_package(package).in_tree(repository, base)
    moved, mine = pages.in_trees(repository, moves.sections, moved, mine, moved_by_owner)
    kept = {
        path: blob
        for path, blob in repository.tree(moved).items()
        if path in new and new[path] == old.get(path)
    }
    removed = {path: GONE for path in moves.removed_in(package) if path in old}
    unedited = [
        place
        for path in removed
        if files.get(place := path.replace(package, of_owner, 1)) == old[path]
    ]
    if unedited:
        mine = repository.changed_tree(mine, dict.fromkeys(unedited, GONE))
    return moved, mine, repository.changed_tree(templates, kept | removed)


def _tree(project: Project) -> str:
    return project.repository.text("rev-parse", project.revision())


def _with_source(repository: Repository, commit: str, project: Project) -> str:
    """Return a rendered tree with the project's `_src_path` in its answers, not this clone's."""
    file = project.answers_file
    text = repository.run("show", f"{commit}:{file}").decode("utf-8")
    (source,) = SOURCE.findall(project.answers_text() or "")
    changed = SOURCE.sub(lambda _: source, text)
    blob = repository.store(changed.encode("utf-8"))
    return repository.changed_tree(commit, {file: (REGULAR_FILE, blob)})
