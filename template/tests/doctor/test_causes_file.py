"""Why a database that is a file does not answer."""

from pathlib import Path

from sqlalchemy.engine import URL

from .deployment import World
from .faults.database import cause


def test_a_file_that_is_not_there_and_is_not_made(world: World, url: URL, tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    assert cause(world, url.set(database=str(file))) == "File: there is none at DATABASE_URL."
    assert not file.exists()


def test_a_file_that_is_something_else(world: World, url: URL, tmp_path: Path) -> None:
    file = tmp_path / "text.db"
    file.write_text("this is no database" * 100)
    assert cause(world, url.set(database=str(file))) == "File: it is no SQLite database."
