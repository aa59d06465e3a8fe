"""Draw the results of the last run: `.nox/report.html`, and the matrix and faults in `docs/`."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from math import ceil, cos, radians, sin
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..resilience import measured as resilience
from ..resilience.drawing import draw as draw_faults
from .presets import PRESETS
from .questions import ROOT, factors
from .results import Cell, Column, NoResults, Result, Suite, Table, suites
from .variants import texts, triples, variants

RESULTS = ROOT / ".nox" / "results"
PAGE = ROOT / ".nox" / "report.html"
PICTURE = ROOT / "docs" / "matrix.svg"
FAULTS = ROOT / "docs" / "resilience.md"

SUITES = {
    "tests": "the template's own tests",
    "faults": "planted faults are found",
    "combinations": "full combinations, rendered and inspected",
    "recordings": "recordings of commands are up to date",
    "update": "past releases, edited and updated",
    **{f"text/{name}": f"texts and levels: {name.removeprefix('text-')}" for name in texts()},
    "image/default": "the image with the default answers",
    "image/everything": "the image with every option",
    "resilience/sqlite": "faults, load and shutdown, on SQLite",
    "resilience/postgresql": "faults, load and shutdown, on PostgreSQL",
    "resilience/mariadb": "faults, load and shutdown, on MariaDB",
}

VARIANTS, MORE_VARIANTS = "Variants", "Every triple of answers"
# Colour must never be the only indicator.
SIGNS = {Result.PASSED: "✓", Result.FAILED: "✗", Result.SKIPPED: "\N{EN DASH}", Result.NOT_RUN: "·"}


@dataclass(frozen=True)
class Report:
    """All results of a run. The first table has the variants."""

    tables: tuple[Table, ...]
    suites: Mapping[str, Suite]

    @property
    def variants(self) -> Table:
        """All variants of a run at this level: a full run has more."""
        parts = [table for table in self.tables if table.title in (VARIANTS, MORE_VARIANTS)]
        return Table(VARIANTS, tuple(column for table in parts for column in table.columns))

    @property
    def files(self) -> list[Suite]:
        columns = (column.suite for table in self.tables for column in table.columns)
        return [suite for suite in (*columns, *self.suites.values()) if suite]

    def suite(self, name: str) -> Cell:
        """All tests of a suite combined."""
        suite = self.suites.get(name)
        return Cell(suite.cases) if suite else Cell()

    @property
    def seconds(self) -> float:
        """The sum over all suites, including those that ran in parallel."""
        return sum(suite.seconds for suite in self.files)

    @property
    def when(self) -> str:
        """The period from the first start to the last end."""
        start = min(suite.started for suite in self.files)
        end = max(suite.started + timedelta(seconds=suite.seconds) for suite in self.files)
        precise = "%H:%M" if end.date() == start.date() else "%Y-%m-%d %H:%M"
        return f"{start:%Y-%m-%d %H:%M} to {end.strftime(precise)} UTC"


def collect(results: Path) -> Report:
    """Read all results that exist.

    Raises:
        NoResults: there are none, or a file contains none.
    """
    pairs = list(product(PRESETS, sorted(factors()["python_version"])))
    tables = (
        _table(VARIANTS, "variant", results, {name: name for name in variants()}),
        _table(MORE_VARIANTS, "variant", results, {name: name for name in triples()}),
        _table("Lowest versions", "lowest", results, {name: name for name in PRESETS}),
        _table(
            "Each Python", "pythons", results, {"-".join(pair): ", ".join(pair) for pair in pairs}
        ),
    )
    shown = (tables[0], *(table for table in tables[1:] if _ran(table)))
    report = Report(shown, suites(results, SUITES))
    if not report.files:
        raise NoResults("No results yet: run `nox` first.")
    return report


def _table(title: str, group: str, results: Path, names: Mapping[str, str]) -> Table:
    """The files of a folder. `names` maps each to the parameters of its nox session."""
    found = suites(results / group, names)
    columns = (Column(name, f"{group}({id})", found.get(name)) for name, id in names.items())
    return Table(title, tuple(columns))


def _ran(table: Table) -> bool:
    return any(column.suite for column in table.columns)


def seconds(value: float) -> str:
    """The time of a cell, kept short since there are many cells."""
    return f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def duration(value: float) -> str:
    """A long duration in words."""
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _environment() -> Environment:
    templates = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=templates,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"seconds": seconds, "duration": duration}
    environment.globals |= {"signs": SIGNS}
    return environment


def page(report: Report) -> str:
    """The whole report, including logs, in one file."""
    template = _environment().get_template("report.html.jinja")
    return template.render(report=report, suites=SUITES)


def picture(table: Table) -> str:
    """The table of variants without times, so that it changes only when a result does."""
    template = _environment().get_template("matrix.svg.jinja")
    return template.render(table=table, frame=_frame(table))


def _frame(table: Table) -> dict[str, int]:
    """The picture's dimensions: slanted names above the columns, labels before the rows."""
    size, left, lean = 26, 250, 50
    letter = 6.7  # the most that an 11 px letter takes up in a system's monospace font
    lengths = [len(column.name) * letter for column in table.columns]
    reach = cos(radians(lean))
    right = max(left + size * at + ceil(length * reach) for at, length in enumerate(lengths, 1))
    top = max(200, 30 + ceil(max(lengths) * sin(radians(lean))))
    bottom = top + size * len(table.rows)
    measures = {"size": size, "left": left, "lean": lean, "top": top, "bottom": bottom}
    return measures | {"width": right + 24, "height": bottom + 21}


def write(results: Path, page_path: Path, picture_path: Path) -> None:
    """Draw the page and the picture from a folder of results."""
    report = collect(results)
    for path, text in ((page_path, page(report)), (picture_path, picture(report.variants))):
        path.write_text(text, encoding="utf-8")
        print(path)


def write_faults(measured: Path, page_path: Path) -> None:
    """Draw the measurements of faults, if there are any."""
    if figures := resilience.read_all(measured):
        page_path.write_text(draw_faults(figures), encoding="utf-8")
        print(page_path)


def main() -> None:
    """Draw everything, or exit with one sentence about what is missing."""
    try:
        write(RESULTS, PAGE, PICTURE)
        write_faults(RESULTS / "resilience", FAULTS)
    except NoResults as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
