"""The sessions that CI runs, one job each: `python -m tools.matrix.ci EVENT` prints the matrix."""

import json
import subprocess
import sys
from typing import Any

from .questions import ROOT, factors
from .variants import rows

# A pull request runs what `nox` runs; every other event runs what `nox -t full` runs.
CHANGE, FULL = "change", "full"
PULL_REQUEST = "pull_request"

# The other sessions require it and run it themselves.
REQUIRED = "environment"

Session = dict[str, Any]


def listed(*selection: str) -> list[Session]:
    """The sessions that nox lists for these options, or runs by default if there are none."""
    command = [sys.executable, "-m", "nox", "--script-mode=none", "--list", "--json"]
    done = subprocess.run([*command, *selection], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    sessions: list[Session] = json.loads(done.stdout)
    return [session for session in sessions if session["name"] != REQUIRED]


def matrix(event: str) -> list[dict[str, str]]:
    """A job for each session, with the servers and the Python version that it needs."""
    level = CHANGE if event == PULL_REQUEST else FULL
    return [_job(session) for session in listed("--tags", level)]


def _job(session: Session) -> dict[str, str]:
    row = rows().get(session["call_spec"].get("variant"), {})
    return {
        "session": session["session"],
        "database": row.get("database", ""),
        "rate_limit_storage": row.get("rate_limit_storage", ""),
        "python_version": _python(session, row.get("python_version", "")),
    }


def _python(session: Session, deployed: str) -> str:
    """The Python version of the rendered project, or an empty string if no project is run."""
    version = session["call_spec"].get("version", deployed)
    return str(min(factors()["python_version"]) if session["name"] == "lowest" else version)


if __name__ == "__main__":
    print(json.dumps(matrix(sys.argv[1]), separators=(",", ":")))
