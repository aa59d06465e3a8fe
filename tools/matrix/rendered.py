"""A cache of renders: the same answers and state of the template give the same files."""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..releases import clone_template
from ..render import ROOT, render

CACHE = ROOT / ".nox" / "renders"
KEPT_SECONDS = 3600  # a run that began before the template was edited may still read its renders


def rendered(answers: Mapping[str, Any]) -> Path:
    """A committed render of the working tree's template, to be read or copied."""
    told = json.dumps(answers, sort_keys=True)
    place = _cache() / hashlib.sha256(told.encode()).hexdigest()[:16]
    if not place.exists():
        with tempfile.TemporaryDirectory(prefix="render-") as folder:
            made = render(_template(), Path(folder) / "project", answers)
            _move(made, place)
    return place


def _move(made: Path, place: Path) -> None:
    """Move a finished render into place atomically, unless another process was faster."""
    beside = Path(tempfile.mkdtemp(dir=place.parent)) / "project"
    shutil.copytree(made, beside, symlinks=True)
    try:
        beside.rename(place)
    except OSError:
        if not place.exists():
            raise
    finally:
        shutil.rmtree(beside.parent)


@cache
def _cache() -> Path:
    """The folder for this state of the template. Other folders are deleted after KEPT_SECONDS."""
    digest = hashlib.sha256(version("copier").encode())
    for path in [ROOT / "copier.yml", *sorted((ROOT / "template").rglob("*"))]:
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)} {path.stat().st_mode}\n".encode())
            digest.update(path.read_bytes())
    place = CACHE / digest.hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    for other in CACHE.iterdir():
        if other != place and time.time() - other.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(other, ignore_errors=True)
    return place


@cache
def _template() -> Path:
    """A clone to render from. It is deleted when this process ends."""
    _folders.append(tempfile.TemporaryDirectory(prefix="template-"))
    return clone_template(Path(_folders[-1].name))


_folders: list[tempfile.TemporaryDirectory[str]] = []
