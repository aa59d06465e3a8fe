"""What was measured, a file for each database; the report draws it."""

import json
from pathlib import Path
from typing import Any

from ..render import ROOT

RESULTS = ROOT / ".nox" / "results" / "resilience"


def path_of(kind: str) -> Path:
    """The file of a database."""
    return RESULTS / f"{kind}.json"


def read(kind: str) -> dict[str, Any]:
    """What was recorded last under each name; nothing where nothing was."""
    path = path_of(kind)
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


def record(kind: str, name: str, figures: Any) -> None:
    """Keep figures under a name, in place of those that were there."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(read(kind) | {name: figures}, indent=1, sort_keys=True)
    path_of(kind).write_text(text + "\n")
