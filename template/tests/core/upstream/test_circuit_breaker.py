"""Circuit breaker: opens after consecutive failures, and closes after one successful trial."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ...conftest import PATIENCE
from ...support.service import circuit_breaker

CALLERS = 8


class BrokenError(Exception):
    """The exception that counts as a failure."""


@pytest.fixture
def watched() -> circuit_breaker.Breaker:
    return circuit_breaker.Breaker("part")


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an open breaker allow a trial call immediately."""
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


def test_breaker_opens_after_consecutive_failures_and_rejects_calls(
    watched: circuit_breaker.Breaker,
) -> None:
    fail(watched, circuit_breaker.FAILURES - 1)
    assert (watched.state, watched.works()) == ("closed", False)
    fail(watched)
    assert watched.state == "open"
    with pytest.raises(circuit_breaker.OpenError) as caught, watched.watch(BrokenError):
        pytest.fail("called")
    assert 0 < caught.value.seconds <= circuit_breaker.PAUSE


def test_success_resets_the_failure_count(watched: circuit_breaker.Breaker) -> None:
    for _ in range(3):
        fail(watched, circuit_breaker.FAILURES - 1)
        work(watched)
    assert (watched.state, watched.works()) == ("closed", True)


def test_other_exceptions_do_not_count_as_failures(watched: circuit_breaker.Breaker) -> None:
    fail(watched, 2 * circuit_breaker.FAILURES, ValueError)
    assert watched.works()


def test_interrupted_call_counts_as_a_failure(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES, KeyboardInterrupt)
    assert watched.state == "open"


def test_consecutive_failures_of_one_caller_count_once(watched: circuit_breaker.Breaker) -> None:
    for caller in "aaabbbaabb":
        fail(watched, caller=caller)
    assert watched.state == "closed"
    fail(watched, caller="a")
    assert watched.state == "open"


@pytest.mark.usefixtures("no_pause")
def test_call_rejected_by_another_breaker_is_not_a_trial(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES)
    with pytest.raises(circuit_breaker.OpenError), watched.watch(BrokenError):
        raise circuit_breaker.OpenError(1)
    assert (watched.state, watched.works()) == ("open", False)
    work(watched)
    assert watched.state == "closed"


@pytest.mark.usefixtures("no_pause")
def test_successful_trial_closes_the_breaker(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES)
    work(watched)
    assert (watched.state, watched.works()) == ("closed", True)
    fail(watched)
    assert watched.state == "closed"


@pytest.mark.usefixtures("no_pause")
def test_failed_trial_reopens_the_breaker_immediately(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES + 1)
    assert watched.state == "open"


@pytest.mark.usefixtures("no_pause")
def test_only_one_of_many_concurrent_calls_is_the_trial(watched: circuit_breaker.Breaker) -> None:
    fail(watched, circuit_breaker.FAILURES)
    refused = threading.Semaphore(0)

    def call(_: int) -> str:
        try:
            with watched.watch(BrokenError):
                for _ in range(CALLERS - 1):  # until all others are rejected
                    assert refused.acquire(timeout=PATIENCE)
                return watched.state
        except circuit_breaker.OpenError:
            refused.release()
            return "refused"

    with ThreadPoolExecutor(CALLERS) as callers:
        outcomes = sorted(callers.map(call, range(CALLERS)))
    assert outcomes == ["half-open", *["refused"] * (CALLERS - 1)]
    assert watched.state == "closed"
