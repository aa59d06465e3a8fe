"""Measure how the matrix's time grows with its variants: `nox -s bench_matrix`, or `-- 6 12`."""

import resource
import subprocess
import sys
import time

from tools.matrix.variants import variants
from tools.render import ROOT


def main() -> None:
    """Run increasing numbers of variants with warm caches, and print a row for each number."""
    counts = [int(count) for count in sys.argv[1:]] or [4, 8, len(variants())]
    print("| Variants | Wall time, s | Processor time, s | of it for each |")
    print("| --- | --- | --- | --- |")
    for count in counts:
        wall, processor = timed(list(variants())[:count])
        print(f"| {count} | {wall:.0f} | {processor:.0f} | {processor / count:.1f} |", flush=True)


def timed(names: list[str]) -> tuple[float, float]:
    """Return the wall time and CPU time that these variants take together, in seconds."""
    sessions = [f"variant({name})" for name in names]
    command = [sys.executable, "-m", "nox", "--script-mode=none", "--session", *sessions]
    started, used = time.monotonic(), processor_seconds()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started, processor_seconds() - used


def processor_seconds() -> float:
    """Return the CPU time of all descendants of this process so far, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
