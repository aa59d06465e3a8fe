"""SQLite for the tests: a folder stands in for a server, and each database is a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def database_server(folder: Path) -> Iterator[str]:
    """Yield the folder for databases, as a URL."""
    yield f"sqlite:///{folder}"


def make_database(server: str, name: str) -> str:
    """Return the URL of a database, which SQLite creates on first use."""
    return f"{server}/{name}.db"


def drop_database(server: str, name: str) -> None:
    """Delete the database and the files that SQLite keeps beside it."""
    folder = Path(server.removeprefix("sqlite:///"))
    for file in folder.glob(f"{name}.db*"):
        file.unlink()


def make_role(server: str, name: str) -> str:
    """Return the database's URL: SQLite has no roles."""
    return make_database(server, name)


def drop_role(server: str, name: str) -> None:
    """Do nothing: SQLite has no roles."""
