"""Which combinations are read: a sample, or all of them."""

import pytest

from ..matrix.product import product, sample
from ..matrix.variants import identifier


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="every combination, not a sample")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    rows = product() if metafunc.config.getoption("all") else sample()
    ids = [f"{number}-{identifier(row)}" for number, row in enumerate(rows)]
    metafunc.parametrize("row", rows, ids=ids)


def pytest_report_header(config: pytest.Config) -> str:
    read = len(product() if config.getoption("all") else sample())
    return f"renders: {read} of {len(product())}"
