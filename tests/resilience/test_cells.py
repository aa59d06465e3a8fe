"""Every cell of the resilience matrix: cause the real fault, measure its effect and undo it."""

import time
from collections.abc import Iterator
from secrets import token_hex
from statistics import median

import pytest

from tools.project import Service
from tools.resilience.cells import COLUMNS, ROWS, Cell, Nothing, table
from tools.resilience.disk import NOT_ALLOWED
from tools.resilience.faults import MAKERS
from tools.resilience.load import Outcome, Request, ask, ask_at_once, failures
from tools.resilience.measured import record
from tools.resilience.processes import wait_until
from tools.resilience.scenes import Scene
from tools.resilience.stack import EXPERIMENTS, LONGEST_QUERY, Stack

from .conftest import named_skip

ROUNDS = 3
BUSY = 2.0  # a shared machine may take this many times the promised time
READY_SECONDS = 5.0
ELSEWHERE = [Request("GET", path) for path in ("/livez", "/api/openapi.json", "/nothing")]
KINDS = ("reads", "writes", "runs", "others")
CELLS = [(row, column) for row in ROWS for column in COLUMNS]
NEEDS_A_DISK = {("database", "full"), ("disk", "full"), ("disk", "read-only"), ("logs", "full")}


@pytest.fixture(scope="module")
def limited(stack: Stack) -> Iterator[Service]:
    """The production server with high rate limits, counted in Redis."""
    with stack.serving() as service:
        yield service


@pytest.mark.parametrize(("row", "column"), CELLS, ids=[f"{r}-{c}" for r, c in CELLS])
def test_fault_has_the_effect_promised_by_the_matrix(
    stack: Stack, limited: Service, row: str, column: str
) -> None:
    cell = table(stack.kind)[row, column]
    if isinstance(cell, Nothing):
        pytest.skip(cell.reason)
    disk = stack.log_disk if row == "logs" else stack.disk
    if (row, column) in NEEDS_A_DISK and not disk.is_own:
        named_skip(NOT_ALLOWED)
    with MAKERS[row, column](stack, limited) as scene:
        check(stack, scene, cell, f"{row}/{column}")


def check(stack: Stack, scene: Scene, cell: Cell, name: str) -> None:
    """Measure and record before asserting, so that the record also has broken promises."""
    service = scene.service
    item = ask(service.url, stack.create(token_hex(8)))
    read = stack.get(item.headers.get("Location", EXPERIMENTS))
    usual = slowest(divided(probe(stack, scene, read))[1])
    scene.begin()
    began = time.monotonic()
    try:
        rounds = [probe(stack, scene, read) for _ in range(ROUNDS)]
        is_ready = ready_as_expected(service, cell)
    finally:
        scene.end()
    over = began if scene.ends_itself else time.monotonic()
    wait_until(lambda: is_well(stack, service, read) and scene.is_over(), f"{name} is over")
    recovery = round(time.monotonic() - over, 3)
    outcomes = [outcome for some in rounds for outcome in some]
    needing, elsewhere = divided(outcomes)
    seen = {kind: {o.status for o in outcomes if kind_of(o) == kind} for kind in KINDS}
    figures = {
        **{kind: sorted(statuses) for kind, statuses in seen.items()},
        "seconds": slowest(needing),
        "others_seconds": slowest(elsewhere),
        "others_usual_seconds": usual,
        "recovery_seconds": recovery,
    }
    record(stack.kind, name, figures)
    if service.log.is_file():  # a pipe already has a reader
        print(service.log.read_text()[-4000:])
    for kind in KINDS:
        asked = [outcome for outcome in outcomes if kind_of(outcome) == kind]
        assert failures(asked, *getattr(cell, kind)) == []
    assert is_ready, "readiness does not match the promise"
    refused = [outcome for outcome in outcomes if outcome.status == 503]
    assert all(int(outcome.headers.get("Retry-After", 0)) > 0 for outcome in refused)
    assert slowest(needing) <= cell.deadline * BUSY
    assert median(outcome.seconds for outcome in elsewhere) <= max(cell.elsewhere, 2 * usual)
    assert recovery <= cell.recovery * BUSY


def probe(stack: Stack, scene: Scene, read: Request) -> list[Outcome]:
    """Send some requests of every kind at once."""
    writes = [stack.create(token_hex(8), query=LONGEST_QUERY) for _ in range(2)]
    return ask_at_once(scene.service.url, [read, read, *writes, *ELSEWHERE, *scene.more])


def divided(outcomes: list[Outcome]) -> tuple[list[Outcome], list[Outcome]]:
    """Split into outcomes that need the faulty part and others. Only runs need the upstream."""
    runs = [outcome for outcome in outcomes if kind_of(outcome) == "runs"]
    others = [outcome for outcome in outcomes if kind_of(outcome) == "others"]
    rest = [outcome for outcome in outcomes if kind_of(outcome) in ("reads", "writes")]
    return (runs, others + rest) if runs else (rest, others)


def kind_of(outcome: Outcome) -> str:
    if outcome.request in ELSEWHERE:
        return "others"
    if outcome.request.path.endswith("/run"):
        return "runs"
    return "writes" if outcome.request.method == "POST" else "reads"


def slowest(outcomes: list[Outcome]) -> float:
    return round(max(outcome.seconds for outcome in outcomes), 3)


def ready_as_expected(service: Service, cell: Cell) -> bool:
    """Whether readiness reports what the cell promises. It may be a second out of date."""
    until = time.monotonic() + READY_SECONDS
    while ask(service.url, Request("GET", "/readyz")).status not in cell.ready:
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


def is_well(stack: Stack, service: Service, read: Request) -> bool:
    """Whether everything works as before."""
    requests = [read, stack.create(token_hex(8)), Request("GET", "/readyz")]
    return [ask(service.url, request).status for request in requests] == [200, 201, 200]
