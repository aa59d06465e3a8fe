"""Fixtures for the update tests: a template with an older release, and a cache of renders."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.render import render
from tools.updates.older import OLDER, two_releases
from updating.template import Answers, Template


@pytest.fixture(scope="session")
def releases_to_update(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template repository with every past release, a synthetic older one and the working tree."""
    return two_releases(tmp_path_factory.mktemp("releases"))


@pytest.fixture(scope="session")
def older(releases_to_update: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project rendered from the older release, for tests to copy."""
    return render(releases_to_update, tmp_path_factory.mktemp("older") / "project", {}, OLDER)


@pytest.fixture
def project(older: Path, tmp_path: Path) -> Path:
    """A copy of the project rendered from the older release."""
    return Path(shutil.copytree(older, tmp_path / "project", symlinks=True))


@pytest.fixture(scope="session", autouse=True)
def renders_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Cache the update script's renders, which often repeat and take 90% of its time.

    Tests that run the script in a separate process do not use this cache.
    """
    kept: dict[str, Path] = {}
    states: dict[Path, str] = {}

    def once(name: str) -> Any:
        make = getattr(Template, name)

        def made(self: Template, folder: Path, commit: str, *rest: Answers | str) -> None:
            of = [name, str(self.repository.folder), self.trusted, commit, states.get(folder), rest]
            key = json.dumps(of, default=str)
            if key not in kept:
                make(self, folder, commit, *rest)
                kept[key] = tmp_path_factory.mktemp("kept") / "render"
                shutil.copytree(folder, kept[key], symlinks=True)
            elif name == "update":
                shutil.rmtree(folder)
            if not folder.exists():
                shutil.copytree(kept[key], folder, symlinks=True)
            states[folder] = key

        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", once("render"))
        patch.setattr(Template, "update", once("update"))
        yield
