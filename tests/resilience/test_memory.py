"""Memory stays flat; the measure itself is tried on a leak."""

import secrets
from collections.abc import Callable
from itertools import count
from statistics import linear_regression

import pytest

from ..project import Service
from .load import Client, Load, Request
from .processes import children, resident_bytes
from .results import record
from .stack import EXPERIMENTS, NO_LIMITS, Stack, planted

WARM_UP = 4000
SAMPLES = 20
CLIENTS = 4
MOST = 250  # bytes per request of all workers together; what is measured otherwise is noise
LEAK = 1024  # bytes kept per request
LEAK_REQUESTS = 6000

LEAKING = f"""
kept = []

@app.after_request
def keep(response):
    kept.append(bytearray({LEAK}))
    return response
"""

numbers = count()


def everything(stack: Stack, item: str) -> Callable[[int], Request]:
    """What a service is asked in its life: reads and writes, and each kind of refusal."""
    run = secrets.token_hex(4)
    reads = ["/livez", "/nothing", EXPERIMENTS + "?page_size=5", item, "/api/health", item]
    refused = Request("POST", EXPERIMENTS, {"name": ""}, stack.bearer)
    others = [
        Request("GET", item),
        refused,
        Request("GET", EXPERIMENTS, None, {"Accept": "x" * 9000}),
    ]

    def make(_: int) -> Request:
        number = next(numbers)
        turn = number % 10
        if turn == 0:
            return stack.create(f"{run}-{number}", key=f"{run}-{number}")
        return stack.get(reads[turn - 1]) if turn <= len(reads) else others[turn - 7]

    return make


def growth(stack: Stack, service: Service, requests: int) -> tuple[float, list[int]]:
    """Bytes per request by least squares, and the samples in bytes, after a warm-up."""
    created = Client(service.url).ask(stack.create(secrets.token_hex(8)))
    make = everything(stack, f"{EXPERIMENTS}/{created.body['id']}")

    def ask(count: int) -> None:
        load = Load(service.url, make, clients=CLIENTS, count=count)
        assert not [o for o in load.run(keep_outcomes=False) if o.status in (0, 500)]

    workers = children(service.process.pid)
    ask(WARM_UP)
    samples = [sum(map(resident_bytes, workers))]
    for _ in range(SAMPLES):
        ask(requests // SAMPLES)
        samples.append(sum(map(resident_bytes, workers)))
    assert children(service.process.pid) == workers, "a worker was replaced: nothing is measured"
    steps = [step * requests / SAMPLES for step in range(SAMPLES + 1)]
    return linear_regression(steps, samples).slope, samples


def test_memory_stays_flat(stack: Stack, service: Service, request: pytest.FixtureRequest) -> None:
    requests = request.config.getoption("requests")
    slope, samples = growth(stack, service, requests)
    figures = {"requests": requests, "bytes_per_request": slope, "samples": samples}
    record(stack.kind, "memory", figures)
    assert slope < MOST, samples


def test_a_planted_leak_is_seen(stack: Stack) -> None:
    with planted(stack.project, LEAKING), stack.serving(**NO_LIMITS) as service:
        slope, samples = growth(stack, service, LEAK_REQUESTS)
    assert slope > max(MOST, LEAK / 2), samples
