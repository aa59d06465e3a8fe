"""Compare the speed of a rendered service with bare Flask: `nox -s bench`."""

import argparse
import statistics
from collections.abc import Iterator

from . import ladder, recording
from .loading import Slot, load, memory, require_wrk
from .rows import ROWS, Found, Row
from .serving import Project, project

WARM_UP = 1  # seconds
LOUDER = 3  # times as many rounds to confirm a slowdown


def main() -> None:
    """Measure and record results; with `--compare`, only check that nothing became slower."""
    options = _options()
    require_wrk()
    chosen = [row for row in ROWS if options.rows in row.name and options.rows != "none"]
    if options.compare:
        raise SystemExit(_compare(chosen, options.rounds, options.seconds))
    results = recording.read()
    for variant in dict.fromkeys(row.variant for row in chosen):
        with project(variant) as prepared:
            for name, found in _measure(prepared, _of(chosen, variant), options):
                results["rows"][name] = recording.as_json(found)
                recording.write(results)
            if options.starts and variant != "redis":
                results["starts"][variant] = _starts(prepared, options.rounds)
                recording.write(results)
    if options.ladder:
        results["ladder"] = ladder.measure(options.rounds, options.seconds)
        recording.write(results)
    print(recording.table(results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=main.__doc__)
    parser.add_argument("--rows", default="", help="part of the names of some; `none`: no row")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="for each server in each round")
    parser.add_argument("--starts", action="store_true", help="memory and start, too")
    parser.add_argument("--ladder", action="store_true", help="what each part costs, too")
    parser.add_argument("--compare", action="store_true", help="fail where it has become slower")
    return parser.parse_args()


def _of(rows: list[Row], variant: str) -> list[Row]:
    return [row for row in rows if row.variant == variant]


def _measure(
    prepared: Project, rows: list[Row], options: argparse.Namespace
) -> Iterator[tuple[str, Found]]:
    for row in rows:
        found = compare_with_twin(prepared, row, options.rounds, options.seconds)
        print(
            f"{row.name}: {found.ratio:.2f}, p99 {found.p99:.2f}, cpu {found.cpu:.2f}", flush=True
        )
        yield row.name, found


def compare_with_twin(prepared: Project, row: Row, rounds: int, seconds: int) -> Found:
    """Put load on the twin and the service in turn; return medians over the rounds."""
    pairs: list[tuple[Slot, Slot]] = []
    with prepared.twin() as twin, prepared.service() as service:

        def once(of_twin: bool, seconds: int) -> Slot:
            server, path = (twin, row.twin_path or row.path) if of_twin else (service, row.path)
            bearer = "" if of_twin else prepared.bearer
            return load(server.url + path, server.process.pid, row, seconds, bearer)

        once(True, WARM_UP), once(False, WARM_UP)
        for number in range(rounds):
            # Alternate which server goes first.
            slots = {
                of_twin: once(of_twin, seconds) for of_twin in (number % 2 == 0, number % 2 == 1)
            }
            pairs.append((slots[True], slots[False]))
    ratios = [service.rps / twin.rps for twin, service in pairs]
    return Found(
        ratio=statistics.median(ratios),
        p99=statistics.median(service.p99 / twin.p99 for twin, service in pairs),
        cpu=statistics.median(twin.cpu / service.cpu for twin, service in pairs),
        rps=(
            statistics.median(twin.rps for twin, _ in pairs),
            statistics.median(service.rps for _, service in pairs),
        ),
        ratios=ratios,
    )


def _starts(prepared: Project, rounds: int) -> dict[str, list[float]]:
    """Return median start time in seconds and worker memory in MiB, the twin's first."""
    seconds: dict[str, list[float]] = {"twin": [], "service": []}
    held: dict[str, list[float]] = {"twin": [], "service": []}
    for _ in range(rounds):
        for name, start in (("twin", prepared.twin), ("service", prepared.service)):
            with start() as server:
                seconds[name].append(server.seconds_to_start)
                held[name].append(memory(server.process.pid))
    return {
        "seconds": [statistics.median(found) for found in seconds.values()],
        "MiB": [statistics.median(found) for found in held.values()],
    }


def _compare(rows: list[Row], rounds: int, seconds: int) -> str | None:
    """Return a message on rows that became slower by over a tenth, after measuring them again."""
    known = recording.read()["rows"]
    slower = []
    for variant in dict.fromkeys(row.variant for row in rows):
        with project(variant) as prepared:
            for row in (row for row in _of(rows, variant) if row.name in known):
                found = compare_with_twin(prepared, row, rounds, seconds)
                if recording.has_fallen(known[row.name], found):
                    found = compare_with_twin(prepared, row, LOUDER * rounds, seconds)
                before = known[row.name]["ratio"]
                print(f"{row.name}: {found.ratio:.2f}, before {before:.2f}", flush=True)
                if recording.has_fallen(known[row.name], found):
                    slower.append(f"{row.name}: {found.ratio:.2f} instead of {before:.2f}")
    return "\n".join(["Slower by more than a tenth:", *slower]) if slower else None


if __name__ == "__main__":
    main()
