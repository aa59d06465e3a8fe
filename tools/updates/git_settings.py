"""A hostile git configuration and environment, which could lose edits or break an update."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .forge import program

FAILS = "#!/bin/sh\necho a hook of the user ran >&2\nexit 1\n"
HOOKS = ("commit-msg", "post-checkout", "pre-commit", "prepare-commit-msg", "reference-transaction")
CONFIG = """
[apply]
    whitespace = error
    ignoreWhitespace = change
[color]
    ui = always
[commit]
    gpgSign = true
[core]
    attributesFile = {folder}/attributes
    autocrlf = input
    editor = false
    excludesFile = {folder}/ignored
    fsmonitor = false
    hooksPath = {folder}/hooks
    pager = false
    quotePath = true
    safecrlf = true
[diff]
    external = false
    mnemonicPrefix = true
    noprefix = true
    orderFile = {folder}/order
    renames = false
[gpg]
    program = false
[init]
    defaultBranch = trunk
    templateDir = {folder}/template
[merge]
    conflictStyle = zdiff3
    directoryRenames = false
    renames = false
[pull]
    rebase = true
[rebase]
    autoStash = true
[safe]
    directory = *
[status]
    relativePaths = true
    showUntrackedFiles = no
[tag]
    gpgSign = true
[user]
    useConfigOnly = true
"""
VARIABLES = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "apply.whitespace",
    "GIT_CONFIG_VALUE_0": "fix",
    "GIT_DIFF_OPTS": "--unified=0",
    "GIT_EDITOR": "false",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_INDEX_FILE": "/nowhere/index",
    "GIT_MERGE_AUTOEDIT": "yes",
    "GIT_OBJECT_DIRECTORY": "/nowhere/objects",
    "GIT_WORK_TREE": "/nowhere",
    "LC_ALL": "de_DE.UTF-8",
}


@contextmanager
def hostile_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Apply all hostile settings at once."""
    for place in (folder / "hooks", folder / "template" / "hooks"):
        place.mkdir(parents=True)
        for name in HOOKS:
            program(place / name, FAILS)
    (folder / "attributes").write_text("* binary merge=binary\n*.py -text filter=broken\n")
    (folder / "ignored").write_text("*.py\n*.toml\n")
    (folder / "order").write_text("*.toml\n")
    (folder / "gitconfig").write_text(CONFIG.format(folder=folder))
    with monkeypatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        for name, value in VARIABLES.items():
            patch.setenv(name, value)
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig"))
        patch.setenv("GIT_DIR", str(folder / "elsewhere"))
        yield
