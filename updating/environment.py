"""Isolate git and copier from the user's git settings, except those that give access to remotes.

A user's git configuration may drop edits (`apply.whitespace`), run hooks, colour output that this
package parses, or mark files as binary. GIT_DIR and similar variables point to other repositories.
"""

import os
import re
import subprocess
from pathlib import Path

ACCESS_VARIABLES = re.compile(
    r"GIT_(ALLOW_PROTOCOL|ASKPASS|CURL_.*|HTTP_.*|PROXY_.*|SSH.*|SSL_.*|TERMINAL_PROMPT|TRACE.*)"
)
ACCESS_SETTINGS = re.compile(
    r"(credential|http|https|protocol|safe|ssh|url)\..*|core\.(askpass|gitproxy|sshcommand)"
)
SETTINGS = {
    "color.ui": "false",
    "commit.gpgsign": "false",
    "core.attributesfile": os.devnull,
    "core.fsmonitor": "false",
    "core.hookspath": os.devnull,
    "core.quotepath": "false",
    "core.safecrlf": "false",
    "diff.renamelimit": "20000",
    "init.defaultbranch": "main",
    "merge.conflictstyle": "merge",
    "merge.directoryrenames": "true",
    "merge.renamelimit": "20000",
    "user.email": "update@localhost",
    "user.name": "Update",
}


def isolated(folder: Path) -> dict[str, str]:
    """Return environment variables for git and copier; `folder` is empty and in no repository."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or ACCESS_VARIABLES.fullmatch(name)
    }
    settings = [*_access_settings(folder), *SETTINGS.items()]
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings):
        numbered |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return {
        **kept,
        **numbered,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TEMPLATE_DIR": str(folder),
        "LC_ALL": "C",
    }


def _access_settings(folder: Path) -> list[tuple[str, str]]:
    """Return the user's git settings for access to remotes and for trusted repositories."""
    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG")
    variables = {name: value for name, value in os.environ.items() if name not in elsewhere}
    command = ["git", "config", "--list", "--null"]
    listed = subprocess.run(command, cwd=folder, env=variables, capture_output=True)
    entries = [entry.partition("\n") for entry in os.fsdecode(listed.stdout).split("\0")]
    return [(name, value) for name, _, value in entries if ACCESS_SETTINGS.fullmatch(name)]
