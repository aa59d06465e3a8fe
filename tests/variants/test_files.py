"""Every file of the variant parses and passes the linter for its type."""

from pathlib import Path

from tools.inspection import files as checked


def test_every_file_parses_and_passes_its_linter(files: Path) -> None:
    faults = checked.faults(files)
    assert not faults, "\n".join(faults)
