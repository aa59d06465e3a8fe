"""Fixtures for the tests of the template itself."""

from pathlib import Path

import pytest

from tools.releases import clone_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the template as it lies in the working tree, tagged as a release."""
    return clone_template(tmp_path_factory.mktemp("clone"))
