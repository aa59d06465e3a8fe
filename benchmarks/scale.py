"""Measure the effect of size: `python -m benchmarks.scale workers`, or `rows`, or `clients`."""

import sys

from tools.project import must

from .loading import load, require_wrk
from .rows import EXPERIMENTS, ROWS, Row
from .serving import Project, project

SECONDS = 4


def main() -> None:
    """Run one study and print its table."""
    studies = {"workers": workers, "rows": rows, "clients": clients}
    if len(sys.argv) != 2 or sys.argv[1] not in studies:
        raise SystemExit(f"Name a study: {', '.join(studies)}.")
    require_wrk()
    with project("sqlite") as prepared:
        studies[sys.argv[1]](prepared)


def workers(prepared: Project) -> None:
    """Measure throughput by number of worker processes and threads."""
    print("| Workers | Threads of each | Requests a second | p99, ms |")
    print("| --- | --- | --- | --- |")
    for count in (1, 2, 4):
        for threads in (2, 8, 32):
            variables = {"WEB_CONCURRENCY": str(count), "WEB_THREADS": str(threads)}
            with prepared.service(**variables) as server:
                url, master = server.url + ROWS[0].path, server.process.pid
                slots = [load(url, master, ROWS[0], SECONDS) for _ in range(2)]  # first: warm-up
            print(
                f"| {count} | {threads} | {slots[1].rps:.0f} | {slots[1].p99 / 1000:.1f} |",
                flush=True,
            )


def rows(prepared: Project) -> None:
    """Measure how long a page of 20 rows takes in tables of a thousand rows and more."""
    print("| Rows | First page, ms | Last page, by OFFSET, ms |")
    print("| --- | --- | --- |")
    for count in (1_000, 100_000, 1_000_000):
        must(prepared.folder, "python", "seed.py", **prepared.variables, ROWS=str(count))
        with prepared.service() as server:
            taken = []
            for page in (1, count // 20):
                path = f"{EXPERIMENTS}?page={page}"
                row = Row("page", "sqlite", "GET", path, 0, 0, 200, f'"total":{count}')
                url = server.url + path
                slot = load(url, server.process.pid, row, SECONDS, connections=1)
                taken.append(1000 / slot.rps)
        print(f"| {count:,} | {taken[0]:.1f} | {taken[1]:.1f} |", flush=True)


def clients(prepared: Project) -> None:
    """Measure the memory of a million clients' rate limits, and the time to count a request."""
    print("| Clients | Memory, MiB | Mean of a count, µs | The slowest, ms |")
    print("| --- | --- | --- | --- |")
    print(must(prepared.folder, "python", "clients.py", "1000000", **prepared.variables), end="")


if __name__ == "__main__":
    main()
