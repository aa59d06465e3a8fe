"""Draw the matrix and its measurements: `docs/resilience.md`."""

from collections.abc import Mapping
from typing import Any

from .cells import COLUMNS, ROWS, Cell, Nothing, table
from .stack import DATABASES

TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}

HEAD = """# Resilience

This page states how the service behaves while a part that it depends on fails. `nox -s resilience`
causes each of these faults on real servers, measures the responses, and compares them with the promise;
`nox -s report` generates this page from the measurements.

All times are in seconds. "Promised" and "Measured" are the slowest response while the fault lasts: of
reads and writes or, if the upstream fails, of runs, because only runs need it. "Others" is the slowest
of all other requests, including `/livez`, `/api/openapi.json` and a 404; in parentheses, the same just
before the fault, with as many requests at once. "Recovery" is the time from the end of the fault until
everything works as before. Readiness checks its dependencies at most once a second. The machine was
shared, so the tests allow twice the promised time.
"""

COLUMNS_SHOWN = (
    "| Part | Fault | Reads, writes, runs | Still works | Promised | Measured | Others "
    "| Recovery, promised | Recovery, measured |\n| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"
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
