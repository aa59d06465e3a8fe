"""The measurements, one file per database. The report draws them."""

import json
from pathlib import Path
from typing import Any

from ..render import ROOT

RESULTS = ROOT / ".nox" / "results" / "resilience"


def read_all(folder: Path) -> dict[str, dict[str, Any]]:
    """The latest measurements, by database and then by name."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def record(database: str, name: str, figures: Any) -> None:
    """Store figures under a name, replacing earlier ones."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    file = RESULTS / f"{database}.json"
    before = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(before | {name: figures}, indent=1, sort_keys=True) + "\n")
