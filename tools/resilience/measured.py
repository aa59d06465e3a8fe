"""What was measured, a file for each database; the report draws it."""

import json
from pathlib import Path
from typing import Any

from ..render import ROOT

RESULTS = ROOT / ".nox" / "results" / "resilience"


def read_all(folder: Path) -> dict[str, dict[str, Any]]:
    """What was recorded last, by database and then by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def record(database: str, name: str, figures: Any) -> None:
    """Keep figures under a name, in place of those that were there."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / f"{database}.json"
    before = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(before | {name: figures}, indent=1, sort_keys=True) + "\n")
