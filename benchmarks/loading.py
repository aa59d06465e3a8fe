"""Put load on a server with wrk, check every response, and measure its workers' resources."""

import json
import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from .rows import Row

SCRIPT = Path(__file__).with_name("served") / "check.lua"
CONNECTIONS = 4
TICK = 1 / os.sysconf("SC_CLK_TCK")


class WrongAnswerError(Exception):
    """A response was wrong; a fast error response must not count as a result."""


@dataclass(frozen=True)
class Slot:
    """What one server did in one time slot."""

    rps: float
    p99: float  # microseconds
    cpu: float  # microseconds per request


def require_wrk() -> None:
    """Exit with the command that installs wrk, if it is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: `apt-get install wrk`")


def load(
    url: str,
    master: int,
    row: Row,
    seconds: int,
    bearer: str = "",
    connections: int = CONNECTIONS,
) -> Slot:
    """Put load on a server for some seconds.

    Raises:
        WrongAnswerError: a response was wrong or missing, or there was none at all.
    """
    variables = {"METHOD": row.method, "STATUS": str(row.status), "MARKER": row.marker}
    variables |= {"BODY": row.body, "START": f"{uuid.uuid4().hex}-"} if row.body else {}
    variables |= {"BEARER": bearer} if bearer else {}
    used = processor_seconds(master)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(SCRIPT), url]
    done = subprocess.run(
        command, env=os.environ | variables, check=True, capture_output=True, text=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    if told["wrong"] or told["lost"] or not told["requests"]:
        raise WrongAnswerError(f"{row.name}: {told} at {url}")
    used = processor_seconds(master) - used
    rps = told["requests"] / told["microseconds"] * 1e6
    return Slot(rps, told["p99"], used / told["requests"] * 1e6)


def workers(master: int) -> list[int]:
    """Return the process IDs of the workers that a server has forked."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text()
    return [int(child) for child in children.split()]


def processor_seconds(master: int) -> float:
    """Return the CPU time that a server's workers have used, in seconds."""
    total = 0
    for worker in workers(master):
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * TICK


def memory(master: int) -> float:
    """Return a worker's resident memory in MiB, including what it shares with its siblings."""
    [worker, *_] = workers(master)
    [line] = [
        line
        for line in Path(f"/proc/{worker}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    ]
    return int(line.split()[1]) / 1024
