"""How the time of the matrix grows with its variants: `nox -s bench`."""

import subprocess
import sys
import time

from tests.matrix.variants import variants
from tests.render import ROOT

SHARES = (6, 12, len(variants()))


def main() -> None:
    """Run ever more variants, warm, and print a row for each number of them."""
    print("| Variants | Wall time, s | s for each |\n| --- | --- | --- |")
    for count in SHARES:
        seconds = timed(list(variants())[:count])
        print(f"| {count} | {seconds:.0f} | {seconds / count:.1f} |", flush=True)


def timed(names: list[str]) -> float:
    """Seconds that these variants take together."""
    sessions = [f"variant({name})" for name in names]
    command = [sys.executable, "-m", "nox", "--script-mode=none", "--session", *sessions]
    started = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
