"""A small file system that can be filled and made read-only for real."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .processes import wait_until

AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]
NOT_ALLOWED = "file systems may not be mounted here: run as root, or with sudo that asks nothing"


@dataclass
class Disk:
    """Where the database lies; `is_own` says whether it is a file system of its own."""

    path: Path
    is_own: bool

    @property
    def _filler(self) -> Path:
        return self.path / "filler"

    def fill(self) -> None:
        """Leave nothing free."""
        with self._filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(os.sysconf("SC_PAGE_SIZE")))
            except OSError:
                pass

    def free(self) -> None:
        """Give back what `fill` took."""
        self._filler.unlink(missing_ok=True)

    def be_read_only(self, read_only: bool) -> None:
        """Refuse every change, or take them again; nobody may have a file open for writing."""
        option = f"remount,{'ro' if read_only else 'rw'}"
        command = [*AS_ROOT, "mount", "-o", option, str(self.path)]
        # The threads of a process that was killed end one after the other.
        wait_until(lambda: subprocess.run(command).returncode == 0, option)


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Disk]:
    """Mount one there until the block ends; where that is not allowed it is a mere folder."""
    path.mkdir()
    options = f"size={megabytes}m,mode=1777"
    command = [*AS_ROOT, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:  # no sudo
        mounted = False
    try:
        yield Disk(path, mounted)
    finally:
        if mounted:
            subprocess.run([*AS_ROOT, "umount", "--lazy", str(path)], check=True)
