"""An update killed at any moment is applied completely or not at all."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.render import git
from tools.updates.projects import newest_script, tree

KILLED = 50
SEED = 20261127


def start(project: Path, template: Path) -> subprocess.Popen[bytes]:
    """Start an update in its own process group."""
    command = [sys.executable, str(template / "update.py"), f"--project={project}"]
    return subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait_for_writers() -> None:
    """Wait until no process is writing an update into a project."""
    while any(b"updating.takeover" in command_line(path) for path in Path("/proc").glob("[0-9]*")):
        time.sleep(0.01)


def command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:  # the process has ended
        return b""


@pytest.mark.parametrize(
    "count", [pytest.param(2, id="some"), pytest.param(KILLED, id="all", marks=pytest.mark.full)]
)
def test_killed_update_is_applied_completely_or_not_at_all(
    older: Path, releases_to_update: Path, tmp_path: Path, count: int
) -> None:
    before = tree(older)
    project = Path(shutil.copytree(older, tmp_path / "first", symlinks=True))
    began = time.monotonic()
    assert start(project, releases_to_update).wait() == 0
    duration = time.monotonic() - began
    after = tree(project)
    assert after != before
    moments = random.Random(SEED)  # noqa: S311 - moments, not secrets
    for number in range(count):
        project = Path(shutil.copytree(older, tmp_path / str(number), symlinks=True))
        process = start(project, releases_to_update)
        # The update writes to the project in the last fifth of its run.
        time.sleep(duration * moments.choice([moments.uniform(0, 1), moments.uniform(0.8, 1.05)]))
        try:
            process.send_signal(moments.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        finally:
            process.wait()
        wait_for_writers()
        assert tree(project) in (before, after)
        assert not (project / ".git/index.lock").exists()
        again = newest_script(project, releases_to_update)
        assert again.returncode == 0 or "uncommitted" in again.stderr
        assert tree(project) == after
        assert git(project, "diff", "--name-only") == ""
        shutil.rmtree(project)
