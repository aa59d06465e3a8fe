"""The sessions that CI runs, a job each: `python -m tests.matrix.ci EVENT` prints its matrix."""

import json
import subprocess
import sys
from typing import Any

from .questions import ROOT, factors
from .variants import variants

# A change runs what `nox` runs; these events run every combination and every Python besides.
WEEKLY = ("schedule", "workflow_dispatch")
FURTHER = ("pythons",)
ARGUMENTS = {"renders": "--all"}

# The others require it, and bring it.
REQUIRED = "environment"

Session = dict[str, Any]


def listed(*names: str) -> list[Session]:
    """The sessions that nox lists by these names; without names, those that it runs by default."""
    command = [sys.executable, "-m", "nox", "--script-mode=none", "--list", "--json"]
    chosen = ["--session", *names] if names else []
    done = subprocess.run([*command, *chosen], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    sessions: list[Session] = json.loads(done.stdout)
    return [session for session in sessions if session["name"] != REQUIRED]


def matrix(event: str) -> list[dict[str, str]]:
    """A job for each session, with what it needs."""
    weekly = event in WEEKLY
    sessions = listed() + (listed(*FURTHER) if weekly else [])
    return [_job(session, weekly) for session in sessions]


def _job(session: Session, weekly: bool) -> dict[str, str]:
    row = variants().get(session["call_spec"].get("variant"), {})
    return {
        "session": session["session"],
        "argument": ARGUMENTS.get(session["name"], "") if weekly else "",
        "database": row.get("database", ""),
        "rate_limit_storage": row.get("rate_limit_storage", ""),
        "python_version": _python(session, row.get("python_version", "")),
    }


def _python(session: Session, deployed: str) -> str:
    """The Python of the rendered project; none where nothing is rendered to run."""
    version = session["call_spec"].get("version", deployed)
    return str(min(factors()["python_version"]) if session["name"] == "lowest" else version)


if __name__ == "__main__":
    print(json.dumps(matrix(sys.argv[1]), separators=(",", ":")))
