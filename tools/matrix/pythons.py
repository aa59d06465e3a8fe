"""Find the Python interpreters of this machine."""

import os
import subprocess
from pathlib import Path

from ..project import uv


def interpreter(version: str) -> str | None:
    """The path of a Python with this version, from the system or pyenv, or None.

    The system's own comes first: it is built with optimizations, which pyenv omits by default and
    which shorten the whole matrix by a fifth.
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
