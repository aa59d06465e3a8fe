"""Kill, freeze and thaw processes together with their descendants."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds for a server to start or end: a busy machine must not fail a test


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> float:
    """Wait for a condition, and return the seconds that it took.

    Raises:
        AssertionError: the condition, which `what` describes, did not become true in time.
    """
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"timed out after {seconds} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - started


def children(pid: int) -> list[int]:
    """The running child processes of a process."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for t in threads for child in (t / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def family(pid: int) -> list[int]:
    """A process and its descendants. A process group is not enough: PostgreSQL makes many."""
    return [pid, *(member for child in children(pid) for member in family(child))]


def signal_all(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process and its descendants.

    The parent comes first, since it would replace lost children.
    """
    for member in family(pid):
        with suppress(ProcessLookupError):
            os.kill(member, number)


def resident_bytes(pid: int) -> int:
    """The resident memory of a process, without shared libraries."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and its descendants, as a system does that runs out of memory."""
    members = family(process.pid)
    signal_all(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)
    wait_until(lambda: not any(map(_runs, members[1:])), "the killed processes have exited")


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Server:
    """A server that can be stopped and restarted with the same port and data."""

    def __init__(self, command: list[str], port: int, log: Path, **how: Any) -> None:
        self.command = command
        self.port = port
        self.log = log
        self._how = how
        self.process: subprocess.Popen[bytes] | None = None

    def answers(self) -> bool:
        """Whether the server responds."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the server, and wait until it responds."""
        with self.log.open("ab") as output:
            process = subprocess.Popen(self.command, stdout=output, stderr=output, **self._how)
        self.process = process
        wait_until(lambda: process.poll() is not None or self.answers(), "the server responds")
        assert process.poll() is None, self.log.read_text()[-2000:]

    def kill(self) -> None:
        """Kill the server, as a crash would."""
        assert self.process is not None
        kill(self.process)
        self.process = None

    def freeze(self) -> None:
        """Stop the server: the system still accepts its connections, but it never responds."""
        assert self.process is not None
        signal_all(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the server continue where it was."""
        assert self.process is not None
        signal_all(self.process.pid, signal.SIGCONT)

    def restart(self) -> None:
        """Kill the server and start it again."""
        self.kill()
        self.start()

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.kill()
