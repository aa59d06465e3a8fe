"""Checks that stop an update: untracked files, collisions, lost edits and shadowed modules."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import yaml

from .errors import Stop
from .merging import Merge
from .project import Project
from .repository import Repository, Tree
from .template import Template
from .versions import Versions


def check_unseen(project: Project, merge: Merge) -> None:
    """Stop if the update touches files that git does not see, or a module would hide a package.

    Raises:
        Stop: there are such paths; the message lists them and says what to do.
    """
    yours, result = merge.repository.tree(merge.original), merge.repository.tree(merge.result)
    changed = merge.repository.changes(merge.original, merge.result)
    added = [path for path in changed if path not in yours]
    in_the_way = {found for path in added if (found := _existing(project, path, yours))}
    if in_the_way:
        raise Stop(
            f"The update would overwrite files that git does not track:\n{listed(in_the_way)}"
            "Move or commit them, then run the update again."
        )
    flagged = _flagged(project)
    hidden = [path for path in changed if path in yours and path in flagged]
    if hidden:
        raise Stop(
            "The update would change files whose changes git does not see (sparse checkout,"
            f" update-index --skip-worktree or --assume-unchanged):\n{listed(hidden)}"
            "Run `git sparse-checkout disable` or `git update-index --no-skip-worktree"
            " --no-assume-unchanged FILE`, commit your changes, then run the update again."
        )
    shadowed = _shadowed({path for path in changed if path in result}, result)
    if shadowed:
        raise Stop(
            "The update would put a module next to a package of the same name, and Python imports"
            f" only one:\n{listed(shadowed)}Rename yours, commit, then run the update again."
        )


def check_collisions(merge: Merge) -> None:
    """Stop if owner and template have each added a file at the same path.

    Raises:
        Stop: there are such paths; the message lists them and says what to do.
    """
    if merge.collisions:
        raise Stop(
            f"The update adds files that already exist:\n{listed(merge.collisions)}"
            "Rename yours, choose an answer that leaves them out (-d QUESTION=ANSWER), or merge"
            " both with --anyway."
        )


def check_dropped(merge: Merge) -> None:
    """Stop if the update would delete a file that its owner has edited or moved.

    Raises:
        Stop: there are such files; the message lists them and says what to do.
    """
    if merge.dropped:
        raise Stop(
            f"The update would delete files that you have edited or moved:\n{listed(merge.dropped)}"
            "Move what you need into your own files, or continue with --anyway."
        )


def check_seeds(
    project: Project, template: Template, versions: Versions, merge: Merge, folder: Path
) -> None:
    """Stop if new answers need packages that only the first render creates, such as the example.

    Raises:
        Stop: there are such folders; the message lists them and says what to do.
    """
    answers = yaml.safe_load(_text(merge, merge.templates, project.answers_file))
    template.render(folder, versions.after, answers, project.answers_file)
    fresh, result = Repository(folder).tree("HEAD"), merge.repository.tree(merge.result)
    seeds = {str(PurePosixPath(path).parent) for path in fresh.keys() - result.keys()}
    sources = [path for path in result if path.startswith("src/") and path.endswith(".py")]
    text = "".join(_text(merge, merge.result, path) for path in sources)
    wanted = {
        seed
        for seed in seeds
        if seed.startswith("src/") and f"from .{PurePosixPath(seed).name}" in text
    }
    if wanted:
        raise Stop(
            "These answers need folders that only the first render creates:\n"
            f"{listed(wanted)}Render another project with these answers, copy these folders from it"
            " with their tests and migrations, commit, then run the update again."
        )


def _text(merge: Merge, tree: str, path: str) -> str:
    return merge.repository.run("show", f"{tree}:{path}").decode("utf-8", "replace")


def listed(paths: Iterable[str]) -> str:
    """Return the paths, one per line."""
    return "".join(f"  {path}\n" for path in sorted(paths))


def _existing(project: Project, path: str, yours: Tree) -> str | None:
    """Return the part of a path that exists on disk, is not tracked by git and is in the way."""
    for part in [*reversed(PurePosixPath(path).parents), PurePosixPath(path)][1:]:
        here = project.folder / part
        is_folder = here.is_dir() and not here.is_symlink()
        is_tracked = str(part) in yours
        if os.path.lexists(here) and not is_tracked and (not is_folder or str(part) == path):
            return str(part)
    return None


def _flagged(project: Project) -> set[str]:
    """Return the project's files marked skip-worktree (S) or assume-unchanged (lower case)."""
    options = ("ls-files", "-v", "-z", "--full-name", "--", str(project.folder))
    marked = (line.partition(" ") for line in project.repository.paths(*options))
    flagged = {path for mark, _, path in marked if mark == "S" or mark.islower()}
    return {path.removeprefix(project.prefix) for path in flagged}


def _shadowed(written: set[str], result: Tree) -> set[str]:
    """Return modules and packages of the same name, if the update writes either of them."""
    packages = {str(PurePosixPath(path).parent) for path in result if path.endswith(".py")}
    modules = {path.removesuffix(".py") for path in result if path.endswith(".py")}
    both = {name for name in packages & modules if name != "."}
    return {
        f"{name}.py and {name}/"
        for name in both
        if f"{name}.py" in written or any(path.startswith(f"{name}/") for path in written)
    }
