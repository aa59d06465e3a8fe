"""Start servers for the tests: wait until they respond, and terminate their processes."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

START_SECONDS = 30


@contextmanager
def running(
    command: list[str], log: Path, ask: Callable[[], object], failures: type[Exception], **how: Any
) -> Iterator[None]:
    """Run a server until the block ends; enter the block once `ask` stops raising `failures`."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **how)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(ask, failures):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.exit(f"{command[0]} did not start: {log.read_text()[-1000:]}", returncode=1)
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _answers(ask: Callable[[], object], failures: type[Exception]) -> bool:
    try:
        ask()
    except failures:
        return False
    return True
