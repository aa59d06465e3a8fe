"""Counting in memory: what has ended is forgotten, and there is an end to what is kept."""

import pytest
from limits.storage import MemoryStorage

from ...support.service import counting


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


def test_each_key_has_a_window_of_its_own(storage: MemoryStorage) -> None:
    count = counting.in_memory(storage)
    count(["a", "b"], [60, 3600], [1, 1])
    (hits_of_a, left_of_a), (hits_of_b, left_of_b) = count(["a", "b"], [60, 3600], [1, 5])
    assert (hits_of_a, hits_of_b) == (2, 6)
    assert 50 < left_of_a <= 60
    assert 3500 < left_of_b <= 3600


def test_what_has_ended_is_forgotten(
    storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SWEPT_BEYOND", 10)
    count, windows = counting.in_memory(storage), storage.expirations
    for number in range(40):
        count([f"address:{number}"], [1], [1])
        windows.update(dict.fromkeys(windows, 0.0))  # all of them have ended
    # Twice what the last sweep has left, the one window that has not ended, comes on top.
    assert len(windows) <= 10 + 2 * 1


def test_there_is_an_end_to_what_is_kept_and_what_ends_last_stays(
    storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SWEPT_BEYOND", 10)
    monkeypatch.setattr(counting, "MAX_WINDOWS", 100)
    count = counting.in_memory(storage)
    for number in range(1000):
        count([f"address:{number}"], [3600], [1])
        assert count(["owner:long"], [86_400], [1])[0][0] == number + 1
        assert len(storage.expirations) <= 101
    assert len(storage.storage) <= 101
    assert count(["address:999"], [3600], [1])[0][0] == 2
