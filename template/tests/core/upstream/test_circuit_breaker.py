"""The breaker: opens after failures in a row, lets one call try, and closes once that works."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ...conftest import PATIENCE
from ...support.service import circuit_breaker

CALLERS = 8


class BrokenError(Exception):
    """What counts as a failure."""


@pytest.fixture
def watched() -> circuit_breaker.Breaker:
    return circuit_breaker.Breaker("part")


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """An open breaker lets the next call try."""
    monkeypatch.setattr(circuit_breaker, "PAUSE", 0)


def fail(
    watched: circuit_breaker.Breaker,
    times: int = 1,
    kind: type[BaseException] = BrokenError,
    caller: str | None = None,
) -> None:
    for _ in range(times):
        with pytest.raises(kind), watched.watch(BrokenError, caller):
            raise kind


def work(watched: circuit_breaker.Breaker) -> None:
    with watched.watch(BrokenError):
        pass


def test_it_opens_after_failures_in_a_row_and_then_calls_nobody(
    watched: circuit_breaker.Breaker,
) -> None:
    fail(watched, circuit_breaker.FAILURES - 1)
    assert (watched.state, watched.works()) == ("closed", False)
    fail(watched)
    assert watched.state == "open"
    with pytest.raises(circuit_breaker.OpenError) as caught, watched.watch(BrokenError):
        pytest.fail("called")
    assert 0 < caught.value.seconds <= circuit_breaker.PAUSE


def test_a_success_between_them_starts_the_count_anew(watched: circuit_breaker.Breaker) -> None:
    for _ in range(3):
        fail(watched, circuit_breaker.FAILURES - 1)
        work(watched)
    assert (watched.state, watched.works()) == ("closed", True)


def test_an_error_that_is_not_the_parts_is_no_failure(watched: circuit_breaker.Breaker) -> None:
    fail(watched, 2 * circuit_breaker.FAILURES, ValueError)
    assert watched.works()


def test_a_call_that_is_broken_off_is_a_failure(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES, KeyboardInterrupt)
    assert watched.state == "open"


def test_failures_in_a_row_of_one_caller_count_once(watched: circuit_breaker.Breaker) -> None:
    for caller in "aaabbbaabb":
        fail(watched, caller=caller)
    assert watched.state == "closed"
    fail(watched, caller="a")
    assert watched.state == "open"


@pytest.mark.usefixtures("no_pause")
def test_call_that_another_breaker_refuses_is_no_trial(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES)
    with pytest.raises(circuit_breaker.OpenError), watched.watch(BrokenError):
        raise circuit_breaker.OpenError(1)
    assert (watched.state, watched.works()) == ("open", False)
    work(watched)
    assert watched.state == "closed"


@pytest.mark.usefixtures("no_pause")
def test_a_trial_that_works_closes_it(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES)
    work(watched)
    assert (watched.state, watched.works()) == ("closed", True)
    fail(watched)
    assert watched.state == "closed"


@pytest.mark.usefixtures("no_pause")
def test_a_trial_that_fails_opens_it_again_at_once(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES + 1)
    assert watched.state == "open"


@pytest.mark.usefixtures("no_pause")
def test_of_many_at_once_one_is_the_trial(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES)
    refused = threading.Semaphore(0)

    def call(_: int) -> str:
        try:
            with watched.watch(BrokenError):
                for _ in range(CALLERS - 1):  # until all others were refused
                    assert refused.acquire(timeout=PATIENCE)
                return watched.state
        except circuit_breaker.OpenError:
            refused.release()
            return "refused"

    with ThreadPoolExecutor(CALLERS) as callers:
        outcomes = sorted(callers.map(call, range(CALLERS)))
    assert outcomes == ["half-open", *["refused"] * (CALLERS - 1)]
    assert watched.state == "closed"
