"""Fixtures shared by the template's own tests."""

from pathlib import Path

import pytest

from tools.releases import clone_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template repository: the working tree, committed and tagged as the newest release."""
    return clone_template(tmp_path_factory.mktemp("clone"))
