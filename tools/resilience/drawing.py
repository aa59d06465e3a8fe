"""Draw the matrix and its measurements: `docs/resilience.md`."""

from collections.abc import Mapping
from typing import Any

from .cells import COLUMNS, ROWS, Cell, Nothing, table
from .stack import DATABASES

TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}

HEAD = """# Resilience

What the service does while a part that it depends on fails. `nox -s resilience` makes each of
these faults for real, measures, and compares with the promise; `nox -s report` draws this page
from what it measured. "Promised" and "measured" are seconds: the slowest answer while the fault
lasts, of reads and writes, or of runs where it is the upstream, which they alone need.
"Elsewhere" is the slowest of all others, `/livez`, `/api/openapi.json` and a 404 among them, and
in brackets what it was just before, as many at once; "back" is the time until everything works
as before, once the fault is gone. Readiness looks again at most once a second. The machine was
shared; the tests allow it twice what is promised.
"""

COLUMNS_SHOWN = (
    "| Part | Fault | Reads, writes, runs | Goes on | Promised | Measured | Elsewhere "
    "| Back, promised | Back, measured |\n| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"
)

Figures = Mapping[str, Any]


def draw(results: Mapping[str, Figures]) -> str:
    """The page, with a table for each database."""
    parts = [HEAD]
    for database in DATABASES:
        parts += [f"\n## {TITLES[database]}\n", *_database(database, results.get(database, {}))]
    return "\n".join(parts) + "\n"


def _database(database: str, figures: Figures) -> list[str]:
    lines, without = [COLUMNS_SHOWN], []
    cells = table(database)
    for row, column in ((row, column) for row in ROWS for column in COLUMNS):
        cell = cells[row, column]
        if isinstance(cell, Nothing):
            without.append((row, column, cell.reason))
        else:
            lines.append(_line(row, column, cell, figures.get(f"{row}/{column}", {})))
    lines += ["\nWithout a promise:\n", *_reasons(without)]
    if memory := figures.get("memory"):
        lines.append(_memory(memory))
    return lines


def _line(row: str, column: str, cell: Cell, measured: Figures) -> str:
    asked = [cell.reads, cell.writes, *([cell.runs] if row == "upstream" else [])]
    statuses = ", ".join(" or ".join(map(str, sorted(s))) for s in asked)
    elsewhere = "not run"
    if measured:
        elsewhere = f"{measured['others_seconds']:.2f} ({measured['others_usual_seconds']:.2f})"
    columns = [ROWS[row], f"{column}: {cell.fault}", statuses, cell.goes_on, f"{cell.deadline:g}"]
    columns += [_seconds(measured, "seconds"), elsewhere, f"{cell.recovery:g}"]
    return f"| {' | '.join([*columns, _seconds(measured, 'recovery_seconds')])} |"


def _seconds(measured: Figures, name: str) -> str:
    return f"{measured[name]:.2f}" if name in measured else "not run"


def _reasons(without: list[tuple[str, str, str]]) -> list[str]:
    """A line for each row and reason."""
    columns: dict[tuple[str, str], list[str]] = {}
    for row, column, reason in without:
        columns.setdefault((row, reason), []).append(column)
    return [
        f"- {ROWS[row]}, {', '.join(names)}: {reason}" for (row, reason), names in columns.items()
    ]


def _memory(memory: Figures) -> str:
    first, last = (memory["samples"][place] / 2**20 for place in (0, -1))
    return (
        f"\nMemory of both workers over {memory['requests']:,} requests: {first:.1f} MiB to "
        f"{last:.1f} MiB, {memory['bytes_per_request']:+.0f} bytes per request in the second half, by least squares."
    )
