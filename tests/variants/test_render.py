"""The variant renders without trust."""

from pathlib import Path
from typing import Any

import yaml


def test_variant_renders_without_trust_and_records_its_answers(
    files: Path, answers: dict[str, Any]
) -> None:
    recorded = yaml.safe_load((files / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert {name: value for name, value in recorded.items() if name[0] != "_"} == answers
