"""Memory stays flat under load, and the measurement detects a planted leak."""

import secrets
from itertools import count
from statistics import linear_regression

import pytest

from tools.project import Service
from tools.resilience.load import Client, Load, Outcome, Request, failures
from tools.resilience.measured import record
from tools.resilience.processes import children, resident_bytes
from tools.resilience.stack import EXPERIMENTS, NO_LIMITS, Stack, planted, workers

WARM_UP = 2000
SAMPLES = 20
CLIENTS = 4
MOST = 4 * 2**20  # noise in bytes: what all workers together may grow by in the second half
LEAK = 4096  # bytes kept per request
LEAK_REQUESTS = 6000

LEAKING = f"""
kept = []

@app.after_request
def keep(response):
    kept.append(bytearray({LEAK}))
    return response
"""


class Everything:
    """The usual mix of requests: reads, writes, replays and rejections, ten kinds in turn.

    Created rows are deleted again: as the tables grow, so do the database's own caches.
    """

    def __init__(self, stack: Stack, item: str) -> None:
        self._stack = stack
        self._created: list[Outcome] = []
        self._numbers = count()
        self._fixed = [
            Request("GET", "/livez"),
            Request("GET", "/nothing"),
            Request("GET", "/api/health"),
            stack.get(EXPERIMENTS + "?page_size=5"),
            stack.get(item),
            Request("GET", item),
            Request("POST", EXPERIMENTS, {"name": ""}, stack.bearer),
            stack.create(secrets.token_hex(8), key=secrets.token_hex(8)),
        ]

    def make(self, _: int) -> Request:
        """The next request."""
        number = next(self._numbers)
        turn = number % 10
        if turn < len(self._fixed):
            return self._fixed[turn]
        if turn == 8 or not self._created:
            return self._stack.create(secrets.token_hex(8))
        made = self._created.pop()
        headers = self._stack.bearer | {"If-Match": made.headers["ETag"]}
        return Request("DELETE", made.headers["Location"], headers=headers)

    def note(self, outcome: Outcome) -> None:
        """Remember an experiment that was created."""
        if outcome.status == 201 and "Idempotency-Key" not in outcome.request.headers:
            self._created.append(outcome)


def growth(stack: Stack, service: Service, requests: int) -> tuple[float, list[int]]:
    """Growth per request in the second half, by least squares, and all samples, in bytes."""
    created = Client(service.url).ask(stack.create(secrets.token_hex(8)))
    everything = Everything(stack, created.headers["Location"])

    def ask(count: int) -> None:
        load = Load(service.url, everything.make, clients=CLIENTS, count=count)
        load.note = everything.note
        assert failures(load.run(keep_outcomes=False)) == []

    pids = workers(service)
    ask(WARM_UP)
    samples = [sum(map(resident_bytes, pids))]
    for _ in range(SAMPLES):
        ask(requests // SAMPLES)
        samples.append(sum(map(resident_bytes, pids)))
    assert children(service.process.pid) == pids, "a worker was replaced: invalid samples"
    # In the first half, caches and the allocator's own caches still fill up.
    half = SAMPLES // 2
    steps = [step * requests / SAMPLES for step in range(half, SAMPLES + 1)]
    return linear_regression(steps, samples[half:]).slope, samples


@pytest.mark.full
def test_memory_stays_flat(stack: Stack, service: Service, request: pytest.FixtureRequest) -> None:
    requests = request.config.getoption("requests")
    slope, samples = growth(stack, service, requests)
    figures = {"requests": requests, "bytes_per_request": slope, "samples": samples}
    record(stack.kind, "memory", figures)
    assert slope * requests / 2 < MOST, samples


@pytest.mark.full
def test_planted_leak_is_detected(stack: Stack) -> None:
    with planted(stack.project, LEAKING), stack.serving(**NO_LIMITS) as service:
        slope, samples = growth(stack, service, LEAK_REQUESTS)
    assert slope * LEAK_REQUESTS / 2 > MOST, samples
