"""DB001 says why a database file cannot be used."""

from pathlib import Path

from sqlalchemy.engine import URL

from .deployment import World
from .faults.database import cause


def test_missing_database_file_is_reported_and_not_created(
    world: World, url: URL, tmp_path: Path
) -> None:
    file = tmp_path / "none.db"
    found = cause(world, url.set(database=str(file)))
    assert found == "File: the file in DATABASE_URL does not exist."
    assert not file.exists()


def test_file_that_is_not_a_database_is_reported(world: World, url: URL, tmp_path: Path) -> None:
    file = tmp_path / "text.db"
    file.write_text("this is no database" * 100)
    assert cause(world, url.set(database=str(file))) == "File: it is not an SQLite database."
