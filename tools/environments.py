"""Folders where variants are installed: several for each Python, kept between runs."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from .matrix.pythons import interpreter
from .project import uv
from .render import ROOT

PLACES = ROOT / ".nox" / "projects"
TYPES = ROOT / ".nox" / "types"
KEPT = {".venv"}


@contextmanager
def installed(render: Path, python: str) -> Iterator[Path]:
    """A copy of the render, beside a virtual environment that an earlier variant used.

    `uv sync` installs exactly this variant's dependencies, most of which are already there. The
    copy remains for inspection until another variant needs the folder.
    """
    with _place(_kind(python)) as place:
        for path in place.iterdir():
            if path.is_symlink() or path.is_file():
                path.unlink()
            elif path.name not in KEPT:
                shutil.rmtree(path)
        shutil.copytree(render, place, symlinks=True, dirs_exist_ok=True)
        if not (place / ".venv").exists():
            command = [uv(), "venv", "--quiet", "--python", interpreter(python) or sys.executable]
            subprocess.run([*command, place / ".venv"], check=True)
        yield place


@contextmanager
def types_cache(python: str) -> Iterator[Path]:
    """The folder for mypy's cache, one per Python, locked so that no other process writes to it."""
    TYPES.mkdir(parents=True, exist_ok=True)
    with (TYPES / f"{_kind(python)}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield TYPES / _kind(python)


def _kind(python: str) -> str:
    """The key that environments with the same packages share."""
    return f"{python}-{os.environ.get('UV_RESOLUTION', 'highest')}"


@contextmanager
def _place(name: str) -> Iterator[Path]:
    """A folder for this process only: the first one of this name that is not locked."""
    PLACES.mkdir(parents=True, exist_ok=True)
    for number in count():
        with (PLACES / f"{name}-{number}.lock").open("w") as lock:
            if not _locked(lock):
                continue
            place = PLACES / f"{name}-{number}"
            place.mkdir(exist_ok=True)
            yield place
            return


def _locked(lock: IO[str]) -> bool:
    """Try to take the lock. The system releases it when this process ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
