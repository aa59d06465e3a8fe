"""Nothing of the template is left in the variant, and nothing in it leads nowhere."""

from pathlib import Path
from typing import Any

from tools.inspection import commands, imports, leftovers


def test_no_tag_placeholder_scar_or_dead_link_is_left(files: Path, answers: dict[str, Any]) -> None:
    faults = leftovers.faults(files, answers)
    assert not faults, "\n".join(faults)


def test_its_imports_modules_and_commands_lead_somewhere(files: Path) -> None:
    faults = imports.faults(files) + commands.faults(files)
    assert not faults, "\n".join(faults)
