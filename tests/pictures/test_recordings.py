"""The recordings in the README show what the commands print today."""

from pathlib import Path

import pytest

from tools.pictures import FOLDER, RECORDINGS
from tools.recording import steady


@pytest.mark.parametrize("name", RECORDINGS)
def test_recording_shows_what_the_commands_print(name: str, tmp_path: Path) -> None:
    recorded = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert steady(RECORDINGS[name](tmp_path)) == steady(recorded), "run `nox -s pictures`"
