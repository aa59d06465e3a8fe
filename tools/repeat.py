"""Check if a test is flaky by repeating it beside busy loops: `nox -s repeat -- TEST COUNT`.

TEST is an argument for pytest. `template/tests/...` runs in a project that is rendered for it,
with the answers given as `QUESTION=ANSWER`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from .environments import installed
from .matrix.questions import answers, row
from .matrix.rendered import rendered
from .project import must, uv
from .render import ROOT

OF_A_PROJECT = "template/"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@contextmanager
def load(count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Keep `count` processors busy until the block ends."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield loops
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@contextmanager
def command(test: str, told: Sequence[str]) -> Iterator[tuple[list[str], Path]]:
    """The command that runs the test, and its working directory."""
    if not test.startswith(OF_A_PROJECT):
        yield [sys.executable, "-m", "pytest", "-q", test], ROOT
        return
    given = {
        name: yaml.safe_load(value) for name, _, value in (each.partition("=") for each in told)
    }
    with installed(rendered(answers(row(given))), HERE) as project:
        must(project, "uv", "sync", "--quiet")
        own = test.removeprefix(OF_A_PROJECT)
        yield [uv(), "run", "--no-sync", "pytest", "-q", "--numprocesses=0", own], project


def repeat(test: str, count: int, told: Sequence[str] = (), busy: int = 0) -> int:
    """Run the test `count` times, print failures and durations, and return the failure count."""
    seconds, failures = [], 0
    with ExitStack() as stack:
        run, folder = stack.enter_context(command(test, told))
        stack.enter_context(load(busy))
        for number in range(1, count + 1):
            started = time.monotonic()
            done = subprocess.run(run, cwd=folder, capture_output=True, text=True)
            seconds.append(time.monotonic() - started)
            if done.returncode:
                failures += 1
                print(f"Run {number} failed:\n{done.stdout}{done.stderr}", flush=True)
    took = f"{min(seconds):.1f} to {max(seconds):.1f} s, median {statistics.median(seconds):.1f} s"
    print(f"{failures} of {count} runs failed with {busy} busy loops; a run took {took}.")
    return failures


def main() -> None:
    parser = argparse.ArgumentParser(prog="nox -s repeat --", description=__doc__)
    parser.add_argument("test", metavar="TEST")
    parser.add_argument("count", metavar="COUNT", type=int)
    parser.add_argument("answers", metavar="QUESTION=ANSWER", nargs="*")
    parser.add_argument(
        "--busy", type=int, default=os.cpu_count() or 1, help="number of busy loops"
    )
    told = parser.parse_args()
    if told.count < 1:
        parser.error("COUNT must be at least 1.")
    sys.exit(bool(repeat(told.test, told.count, told.answers, told.busy)))


if __name__ == "__main__":
    main()
