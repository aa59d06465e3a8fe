"""Render the template from the working tree."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
VERSION = "v999.0.0"

# Ignore the machine's own configuration. This must be set before copier is imported.
_folder = tempfile.TemporaryDirectory(prefix="copier-")
_settings = Path(_folder.name) / "settings.yml"
_settings.write_text("{}\n")
_config = Path(_folder.name) / "gitconfig"
# This repository may belong to another user, and files of tests need not survive a power failure.
_config.write_text("[safe]\n\tdirectory = *\n[core]\n\tfsync = none\n[gc]\n\tauto = 0\n")
GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": str(_config),
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Tests",
    "GIT_AUTHOR_EMAIL": "tests@example.com",
    "GIT_COMMITTER_NAME": "Tests",
    "GIT_COMMITTER_EMAIL": "tests@example.com",
    "COPIER_SETTINGS_PATH": str(_settings),
}
os.environ.update(GIT_ENVIRONMENT)

import copier  # noqa: E402

from . import fast_copier  # noqa: E402, F401


def git(folder: Path, *arguments: str) -> str:
    """Run git in `folder` and return its output."""
    command = ["git", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, message: str) -> None:
    """Commit everything in `folder`."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--no-verify", "-m", message)


def render(
    template: Path, project: Path, answers: Mapping[str, Any], version: str = VERSION
) -> Path:
    """Render with `answers` and the defaults, without trust, into a committed repository."""
    copier.run_copy(
        str(template),
        project,
        data=dict(answers),
        defaults=True,
        quiet=True,
        vcs_ref=version,
        unsafe=False,
    )
    git(project, "init", "-q")
    commit(project, "Render")
    return project
