"""Counting in memory: expired windows are removed, and the number of windows is bounded."""

import time
from types import SimpleNamespace

import pytest

from ...support.service import counting

Hit = counting.Hit


@pytest.fixture
def counter() -> counting.MemoryCounter:
    return counting.MemoryCounter()


def test_each_key_has_its_own_window(counter: counting.MemoryCounter) -> None:
    counter.count([Hit("a", 60), Hit("b", 3600)])
    of_a, of_b = counter.count([Hit("a", 60), Hit("b", 3600, 5)])
    assert (of_a.hits, of_b.hits) == (2, 6)
    assert 50 < of_a.ends - time.time() <= 60
    assert 3500 < of_b.ends - time.time() <= 3600


def test_peeking_counts_nothing(counter: counting.MemoryCounter) -> None:
    assert counter.peek("a").hits == 0
    counter.count([Hit("a", 60, 3)])
    assert [counter.peek("a").hits for _ in range(2)] == [3, 3]
    counter.clear("a")
    assert counter.peek("a").hits == 0


def test_expired_windows_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(counting, "SWEPT_BEYOND", 10)
    counter = counting.MemoryCounter()
    monkeypatch.setattr(counting, "time", SimpleNamespace(time=lambda: now))
    for number in range(40):
        now += 2
        assert counter.count([Hit(f"address:{number}", 1)])[0].hits == 1
        assert counter.peek("address:0").hits == (number == 0)
    # The next sweep allows for twice what the last one kept: the one window still open.
    assert len(counter) <= 10 + 2 * 1


def test_window_count_is_bounded_and_the_last_to_expire_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "SWEPT_BEYOND", 10)
    monkeypatch.setattr(counting, "MAX_WINDOWS", 100)
    counter = counting.MemoryCounter()
    for number in range(1000):
        counter.count([Hit(f"address:{number}", 3600)])
        assert counter.count([Hit("owner:long", 86_400)])[0].hits == number + 1
        assert len(counter) <= 101
    assert counter.count([Hit("address:999", 3600)])[0].hits == 2
