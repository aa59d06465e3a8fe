"""Repeating a flaky test counts its failures, and the load ends with it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import repeat

EVERY_THIRD = """
from pathlib import Path

def test_every_third_time_it_fails():
    runs = Path(__file__).with_name("runs")
    runs.write_text(runs.read_text() + "x" if runs.exists() else "x")
    assert len(runs.read_text()) % 3
"""


@pytest.fixture
def flaky(tmp_path: Path) -> str:
    file = tmp_path / "test_flaky.py"
    file.write_text(EVERY_THIRD)
    return str(file)


def test_each_failure_is_counted_and_shown(flaky: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert repeat.repeat(flaky, 4) == 1
    said = capsys.readouterr().out
    assert "Run 3 failed:" in said
    assert "test_every_third_time_it_fails" in said
    assert "1 of 4 runs failed with 0 busy loops" in said


def fail_under_load(loops: list["subprocess.Popen[bytes]"]) -> None:
    with repeat.load(2) as started:
        loops += started
        assert [loop.poll() for loop in loops] == [None, None]
        raise ValueError


def test_load_ends_even_when_its_block_fails() -> None:
    loops: list[subprocess.Popen[bytes]] = []
    with pytest.raises(ValueError):  # noqa: PT011 - its own, without a message
        fail_under_load(loops)
    assert [loop.returncode for loop in loops] == [-9, -9]


def test_count_below_one_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "tools.repeat", "tests/template/test_repeat.py", "0"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.endswith("error: COUNT must be at least 1.\n")
