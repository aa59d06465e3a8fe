"""Load: wrk, with every answer checked; what a server's workers use meanwhile."""

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
    """A fast refusal is no result."""


@dataclass(frozen=True)
class Slot:
    """What one server did in a slot of time."""

    rps: float
    p99: float  # microseconds
    cpu: float  # microseconds for a request


def require_wrk() -> None:
    """End here, with the line that installs it, where wrk is missing."""
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
    """Load for some seconds; raises WrongAnswerError."""
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
    """The processes that a server has forked."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text()
    return [int(child) for child in children.split()]


def processor_seconds(master: int) -> float:
    """What a server's workers have used."""
    total = 0
    for worker in workers(master):
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * TICK


def memory(master: int) -> float:
    """What a worker holds in memory, in MiB, what it shares with its siblings counted, too."""
    [worker, *_] = workers(master)
    [line] = [
        line
        for line in Path(f"/proc/{worker}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    ]
    return int(line.split()[1]) / 1024
