"""Every file of the variant parses, and the linter of its kind has nothing to say."""

from pathlib import Path

from tools.inspection import files as checked


def test_every_file_parses_and_its_linter_is_content(files: Path) -> None:
    faults = checked.faults(files)
    assert not faults, "\n".join(faults)
