"""MariaDB for the tests: their own server in a temporary folder, without Docker."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
import pytest
from sqlalchemy.engine import make_url

from .ports import free_port
from .processes import START_SECONDS, running

HOSTS = ("localhost", "%")  # an anonymous user of one host can shadow a user of the other

MISSING = (
    "These tests need MariaDB, but mariadbd is not installed. "
    "Run `apt-get install mariadb-server-core mariadb-client-core` (or `brew install mariadb`), "
    "or set TEST_DATABASE_URL to a server on which they may create databases."
)


def _find(program: str) -> str:
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.exit(MISSING, returncode=1)
    return path


@contextmanager
def database_server(folder: Path, roles: Path | None = None) -> Iterator[str]:
    """Start a server in `folder` and yield its URL; stop it when the block ends.

    `roles` is an SQL file that creates users for the database `service`, as in compose.yaml.
    """
    server = _find("mariadbd")
    data = folder / "mariadb"
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    if not data.exists():
        install = [_find("mariadb-install-db"), "--no-defaults", f"--datadir={data}"]
        subprocess.run(
            [*install, "--skip-test-db", "--auth-root-authentication-method=normal", *as_root],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    port = free_port()
    options = [
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={data}/socket",
        f"--pid-file={data}/pid",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        # This data does not have to survive a power failure.
        "--innodb-flush-log-at-trx-commit=0",
        "--skip-log-bin",
    ]
    if roles:
        options.append(f"--init-file={roles}")
    url = f"mysql://root@127.0.0.1:{port}/mysql"
    with running(
        [server, *options, *as_root],
        folder / "mariadb.log",
        lambda: _run(url, "SELECT 1"),
        pymysql.MySQLError,
    ):
        yield url


def make_database(server: str, name: str) -> str:
    """Create a database on the server and return its URL."""
    _run(server, f"CREATE DATABASE `{name}`")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_database(server: str, name: str) -> None:
    """Drop the database."""
    _run(server, f"DROP DATABASE `{name}`")


def make_role(server: str, name: str) -> str:
    """Create a user with all privileges on the database of its name only; return its URL."""
    password = secrets.token_hex(16)
    for host in HOSTS:
        _run(server, f"CREATE USER `{name}`@`{host}` IDENTIFIED BY '{password}'")
        _run(server, f"GRANT ALL PRIVILEGES ON `{name}`.* TO `{name}`@`{host}`")
    url = make_url(server).set(username=name, password=password, database=name)
    return url.render_as_string(hide_password=False)


def drop_role(server: str, name: str) -> None:
    """Drop the user."""
    for host in HOSTS:
        _run(server, f"DROP USER `{name}`@`{host}`")


def _run(url: str, statement: str) -> None:
    parts = make_url(url)
    connection = pymysql.connect(
        host=parts.host,
        port=parts.port or 3306,
        user=parts.username,
        password=parts.password or "",
        connect_timeout=START_SECONDS,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
