"""docs/resilience.md shows each promise and what was measured for it."""

import json
from pathlib import Path

import pytest

from tools.matrix.report import FAULTS, write_faults
from tools.resilience.cells import COLUMNS, ROWS, Cell, Nothing, table
from tools.resilience.drawing import draw
from tools.resilience.faults import MAKERS
from tools.resilience.stack import DATABASES

MEASURED = {
    "reads": [503],
    "writes": [503],
    "seconds": 4.4444,
    "others_seconds": 0.3333,
    "others_usual_seconds": 0.1111,
    "recovery_seconds": 1.2345,
}


@pytest.mark.parametrize("database", DATABASES)
def test_every_cell_is_a_tested_promise_or_has_a_reason(database: str) -> None:
    cells = table(database)
    assert set(cells) == {(row, column) for row in ROWS for column in COLUMNS}
    tried = {where for where, cell in cells.items() if isinstance(cell, Cell)}
    assert tried <= set(MAKERS)
    assert all(cell.reason for cell in cells.values() if isinstance(cell, Nothing))


def test_measurements_are_shown_next_to_their_promise() -> None:
    page = draw({"postgresql": {"database/freeze": MEASURED}})
    (line,) = (line for line in page.splitlines() if "4.44" in line)
    assert line.startswith("| Database | freeze: ")
    assert line.endswith(
        "| 503, 503 | every route that needs no database | 5 | 4.44 | 0.33 (0.11) | 3 | 1.23 |"
    )


def test_missing_measurements_are_shown_as_not_run() -> None:
    promises = [cell for kind in DATABASES for cell in table(kind).values()]
    count = sum(isinstance(cell, Cell) for cell in promises)
    assert draw({}).count("| not run |") == count * 2


def test_page_is_drawn_from_the_measurements_of_the_last_run(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    write_faults(tmp_path, page)
    assert not page.exists()
    (tmp_path / "mariadb.json").write_text(json.dumps({"limits/slow": MEASURED}))
    write_faults(tmp_path, page)
    assert page.read_text() == draw({"mariadb": {"limits/slow": MEASURED}})


def test_committed_page_has_every_promise_with_a_measurement() -> None:
    shown = FAULTS.read_text(encoding="utf-8")
    assert "not run" not in shown

    def promises(page: str) -> list[list[str]]:
        rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
        return [[*row[:5], row[7]] for row in rows if len(row) == 9]

    assert promises(shown) == promises(draw({}))
