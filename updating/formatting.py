"""Format the template's code as the project formats its own, before an update merges.

A project with another line length or quote style has changed nearly every line. With the same
style in all three trees, only real changes remain.
"""

import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .repository import Blob, Repository

PYPROJECT = "pyproject.toml"
FORMATTED = (".py", ".md")  # ruff also formats code blocks in Markdown
REGULAR_FILES = ("100644", "100755")
STYLE = ("line-length", "indent-width", "format", "target-version", "preview")


@dataclass(frozen=True)
class Trees:
    """The trees of a merge, after the template's moves."""

    base: str
    yours: str
    templates: str


def in_style_of(repository: Repository, original: str, trees: Trees) -> Trees:
    """Return the trees with the template's code formatted by ruff as in `original`, the project.

    If the whole project was formatted, `yours` is formatted as well, since the moves may have
    lengthened its imports. Nothing changes if the owner has not changed the style, or if ruff
    cannot run.
    """
    config, rendered = (
        repository.attempt("show", f"{tree}:{PYPROJECT}").stdout for tree in (original, trees.base)
    )
    if _style(config) in ({}, _style(rendered)):
        return trees
    is_formatted = _formatted(repository, original, config) == original
    return Trees(
        _formatted(repository, trees.base, config),
        _formatted(repository, trees.yours, config) if is_formatted else trees.yours,
        _formatted(repository, trees.templates, config),
    )


def _style(pyproject: bytes) -> dict[str, Any]:
    """Return what a pyproject.toml says about formatting; empty if it is invalid."""
    try:
        ruff = tomllib.loads(pyproject.decode("utf-8"))["tool"]["ruff"]
        return {key: ruff[key] for key in STYLE if key in ruff}
    except (KeyError, TypeError, ValueError):
        return {}


def _formatted(repository: Repository, tree: str, config: bytes) -> str:
    """Return the tree with its code formatted; unchanged if ruff cannot run."""
    with tempfile.TemporaryDirectory(prefix="update-") as name:
        folder = Path(name)
        with repository.own_index(tree) as index:
            index.run("checkout-index", "--all", f"--prefix={folder}/")
        files = repository.tree(tree)
        paths = [
            path
            for path, (mode, _) in files.items()
            if path.endswith(FORMATTED) and mode in REGULAR_FILES
        ]
        before = {path: (folder / path).read_bytes() for path in paths}
        (folder / PYPROJECT).write_bytes(config)
        command = [sys.executable, "-m", "ruff", "format", "--quiet", "--no-cache", "."]
        subprocess.run(command, cwd=folder, capture_output=True)
        after = {path: (folder / path).read_bytes() for path in paths}
    changed = [path for path in paths if before[path] != after[path]]
    blobs = repository.store_all([after[path] for path in changed])
    changes: dict[str, Blob] = {
        path: (files[path][0], blob) for path, blob in zip(changed, blobs, strict=True)
    }
    return repository.changed_tree(tree, changes) if changes else tree
