"""Parametrize the combination tests: a sample by default, all of them in a full run."""

import pytest

from tools.matrix.product import SAMPLE, product
from tools.matrix.variants import identifier


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    rows = [
        pytest.param(row, id=f"{number}-{identifier(row)}", marks=_marks(number))
        for number, row in enumerate(product())
    ]
    metafunc.parametrize("row", rows)


def _marks(number: int) -> list[pytest.MarkDecorator]:
    return [] if number < SAMPLE else [pytest.mark.full]
