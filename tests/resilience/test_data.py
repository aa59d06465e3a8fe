"""Acknowledged writes survive, whichever process is killed."""

import secrets
from collections.abc import Callable

import pytest

from tools.project import Service
from tools.resilience.load import Load, Outcome, Request, failures
from tools.resilience.processes import kill, wait_until
from tools.resilience.stack import NO_LIMITS, Stack

WRITES = 1000  # acknowledged in total before the check
BETWEEN = 250  # acknowledged between two kills
CLIENTS = 4

STORED = """
import sqlalchemy, sys, wsgi
database = sys.modules[wsgi.app.import_name + ".core.database"]
query = sqlalchemy.text("SELECT name FROM experiments WHERE name LIKE :names")
with wsgi.app.app_context():
    print(*database.db.session.scalars(query, {"names": sys.argv[1] + "-%"}), sep="\\n")
"""


def acknowledged(outcomes: list[Outcome]) -> list[str]:
    """The names of the experiments whose creation got a 201."""
    return [outcome.request.body["name"] for outcome in outcomes if outcome.status == 201]


def writes(stack: Stack, prefix: str) -> Callable[[int], Request]:
    """Create requests, each with its own idempotency key."""
    return lambda number: stack.create(f"{prefix}-{number}", key=f"{prefix}-{number}")


def wait_for_writes(load: Load, count: int) -> None:
    wait_until(lambda: len(acknowledged(load.outcomes)) >= count, f"{count} writes")


def check_all_are_there(stack: Stack, prefix: str, names: list[str]) -> None:
    stored = stack.python(STORED, prefix).split()
    assert len(set(names)) == len(names) >= WRITES
    assert len(set(stored)) == len(stored), "a write was applied twice"
    assert sorted(set(names) - set(stored)) == []


def test_acknowledged_writes_survive_a_killed_service(stack: Stack) -> None:
    run = secrets.token_hex(4)
    names: list[str] = []
    while len(names) < WRITES:
        with stack.serving(**NO_LIMITS) as service:
            load = Load(service.url, writes(stack, f"{run}-{len(names)}"), clients=CLIENTS)
            with load.running():
                wait_for_writes(load, BETWEEN)
                kill(service.process)
        assert failures(load.outcomes, 201, 0) == []
        names += acknowledged(load.outcomes)
    check_all_are_there(stack, run, names)


def test_acknowledged_writes_survive_a_killed_database(stack: Stack, service: Service) -> None:
    if stack.database is None:
        pytest.skip("SQLite has no server to kill; another test kills the service")
    run = secrets.token_hex(4)
    load = Load(service.url, writes(stack, run), clients=CLIENTS)
    with load.running():
        for death in range(1, WRITES // BETWEEN + 1):
            wait_for_writes(load, death * BETWEEN)
            stack.database.restart()
        wait_for_writes(load, len(acknowledged(load.outcomes)) + BETWEEN)
    assert failures(load.outcomes, 201, 503, 0) == []
    check_all_are_there(stack, run, acknowledged(load.outcomes))
