"""A small file system that can be filled and made read-only for real."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .processes import wait_until

AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]
NOT_ALLOWED = "cannot mount file systems: run as root, or allow sudo without a password"


@dataclass
class Disk:
    """A folder for the database or the log. `is_own` says whether it is a separate file system."""

    path: Path
    is_own: bool

    @property
    def _filler(self) -> Path:
        return self.path / "filler"

    def fill(self) -> None:
        """Use up all free space."""
        with self._filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(os.sysconf("SC_PAGE_SIZE")))
            except OSError:
                pass

    def free(self) -> None:
        """Release the space that `fill` used up."""
        self._filler.unlink(missing_ok=True)

    def be_read_only(self, read_only: bool) -> None:
        """Reject every change, or accept them again. No file may be open for writing."""
        option = f"remount,{'ro' if read_only else 'rw'}"
        command = [*AS_ROOT, "mount", "-o", option, str(self.path)]
        # The threads of a killed process end one after the other, so this may need several tries.
        wait_until(lambda: subprocess.run(command).returncode == 0, option)


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Disk]:
    """Mount one at `path` until the block ends. Where that is not allowed, it is a plain folder."""
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
