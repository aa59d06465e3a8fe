"""SQLite with more concurrent writers than it was made for."""

import secrets

import pytest

from tools.resilience.load import Load, Outcome, Request, failures
from tools.resilience.stack import EXPERIMENTS, NO_LIMITS, Stack

WRITES = 10_000
WORKERS, THREADS = 2, 4


def test_two_workers_with_four_threads_each_write_without_errors(stack: Stack) -> None:
    if stack.kind != "sqlite":
        pytest.skip("the other databases lock rows, not the whole file")
    run = secrets.token_hex(4)
    made: list[tuple[str, str]] = []

    def make(number: int) -> Request:
        if number % 5 == 4 and made:  # of ten writes, one is an update and one a delete
            path, tag = made.pop()
            headers = stack.bearer | {"If-Match": tag}
            change = number % 10 == 4
            body = {"limit": 7} if change else None
            return Request("PATCH" if change else "DELETE", path, body, headers)
        return stack.create(f"{run}-{number}", key=f"{run}-{number}" if number % 2 else "")

    def note(outcome: Outcome) -> None:
        if outcome.status == 201:
            made.append((f"{EXPERIMENTS}/{outcome.body['id']}", outcome.headers["ETag"]))

    variables = NO_LIMITS | {"WEB_CONCURRENCY": str(WORKERS), "WEB_THREADS": str(THREADS)}
    with stack.serving(**variables) as service:
        load = Load(service.url, make, clients=WORKERS * THREADS, count=WRITES)
        load.note = note
        outcomes = load.run()
        assert failures(outcomes, 200, 201, 204) == []
        assert len(outcomes) == WRITES
        methods = {outcome.request.method for outcome in outcomes}
        assert methods == {"POST", "PATCH", "DELETE"}
        assert service.faults() == []
