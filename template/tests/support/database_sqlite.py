"""SQLite for the tests: a folder is its server, a file its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def database_server(folder: Path) -> Iterator[str]:
    """Where databases can be made, as a URL."""
    yield f"sqlite:///{folder}"


def make_database(server: str, name: str) -> str:
    """The URL of a database; SQLite makes it when it is first used."""
    return f"{server}/{name}.db"


def drop_database(server: str, name: str) -> None:
    """Delete the database and what SQLite keeps beside it."""
    folder = Path(server.removeprefix("sqlite:///"))
    for file in folder.glob(f"{name}.db*"):
        file.unlink()


def make_role(server: str, name: str) -> str:
    """The database's URL: a file has no roles."""
    return make_database(server, name)


def drop_role(server: str, name: str) -> None:
    """There is none."""
