"""Shared counting: losing Redis fails no request, and retries back off exponentially."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from ...support.ports import free_port
from ...support.service import counting, shared_counting

HIT = counting.Hit("key", 60)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that the test controls."""
    found = SimpleNamespace(now=1000.0, time=lambda: 0.0)
    found.monotonic = lambda: found.now
    monkeypatch.setattr(shared_counting, "time", found)
    return found


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch, clock: SimpleNamespace) -> Any:
    """A counter whose Redis refuses connections, and the times of its attempts."""
    counter = shared_counting.SharedCounter(f"redis://127.0.0.1:{free_port()}/0")
    tried = counter._count
    attempts: list[float] = []

    def count(hits: Any) -> Any:
        attempts.append(clock.now)
        return tried(hits)

    monkeypatch.setattr(counter, "_count", count)
    return SimpleNamespace(counter=counter, attempts=attempts)


def test_lost_redis_is_retried_with_exponential_backoff(lost: Any, clock: SimpleNamespace) -> None:
    for _ in range(200):
        lost.counter.count([HIT])
        clock.now += 0.5
    pauses = [
        after - before for before, after in zip(lost.attempts, lost.attempts[1:], strict=False)
    ]
    assert pauses == [1, 2, 4, 8, 16, 32, 32]
    assert lost.counter.peek("key").hits == 200


def test_threads_that_lose_redis_together_back_off_once(lost: Any, clock: SimpleNamespace) -> None:
    together = threading.Barrier(4)
    count = lost.counter._count

    def fail(hits: Any) -> Any:
        together.wait()
        return count(hits)

    lost.counter._count = fail
    threads = [threading.Thread(target=lost.counter.count, args=([HIT],)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lost.counter._count = count
    clock.now += shared_counting.FIRST_PAUSE
    lost.counter.count([HIT])
    assert len(lost.attempts) == 5, "retried after the first pause"


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_invalid_redis_host_does_not_fail_requests(host: str) -> None:
    counter = shared_counting.SharedCounter(f"redis://{host}:6379/0")
    assert [counter.count([HIT])[0].hits for _ in range(2)] == [1, 2]
    assert counter.peek("key").hits == 2
