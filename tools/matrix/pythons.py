"""The Pythons of this machine."""

import os
import subprocess
from pathlib import Path

from ..project import uv


def interpreter(version: str) -> str | None:
    """The path of a Python of this version, pyenv's among them; None where there is none.

    The system's own goes first: it is built with optimizations, which pyenv leaves out unless it
    is told, and takes a fifth off the time of the whole matrix.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    others = [*os.environ["PATH"].split(os.pathsep), *map(str, pyenv.glob("versions/*/bin"))]
    found = subprocess.run(
        [uv(), "python", "find", "--system", "--no-python-downloads", version],
        env=os.environ | {"PATH": os.pathsep.join(["/usr/bin", *others])},
        capture_output=True,
        text=True,
    )
    return found.stdout.strip() or None
