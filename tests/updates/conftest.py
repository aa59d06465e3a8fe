"""The template with an older release, made once."""

from pathlib import Path

import pytest

from .older import two_releases


@pytest.fixture(scope="session")
def releases_to_update(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the template: every past release, a made older one, the working tree."""
    return two_releases(tmp_path_factory.mktemp("releases"))
