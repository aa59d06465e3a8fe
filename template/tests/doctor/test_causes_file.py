"""Why a database that is a file does not answer."""

from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from .world import World


def cause(world: World, url: URL) -> str:
    """What the doctor says with that DATABASE_URL."""
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    found = world.diagnose("--live")["findings"]
    assert [each["id"] for each in found] == ["DB001"]
    return str(found[0]["detail"])


@pytest.fixture
def url(world: World) -> URL:
    """Of the database that answers."""
    return make_url(world.variables["DATABASE_URL"])


def test_a_file_that_is_not_there_and_is_not_made(world: World, url: URL, tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    assert cause(world, url.set(database=str(file))) == "File: there is none at DATABASE_URL."
    assert not file.exists()


def test_a_file_that_is_something_else(world: World, url: URL, tmp_path: Path) -> None:
    file = tmp_path / "text.db"
    file.write_text("this is no database" * 100)
    assert cause(world, url.set(database=str(file))) == "File: it is no SQLite database."
