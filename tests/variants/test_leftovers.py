"""The variant has no leftovers of the template, and no dangling links, imports or commands."""

from pathlib import Path
from typing import Any

from tools.inspection import commands, imports, leftovers


def test_no_tag_placeholder_blank_line_or_dead_link_is_left(
    files: Path, answers: dict[str, Any]
) -> None:
    faults = leftovers.faults(files, answers)
    assert not faults, "\n".join(faults)


def test_imports_resolve_modules_are_used_and_commands_exist(files: Path) -> None:
    faults = imports.faults(files) + commands.faults(files)
    assert not faults, "\n".join(faults)
