"""Count requests of a million clients in memory, as the service does, and print table rows."""

import resource
import sys
import time

from limits import parse_many
from my_service.core.middleware.counting import Hit, MemoryCounter

BATCH = 100_000


def peak() -> float:
    """Return the peak memory of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


counter = MemoryCounter()
items = parse_many("200 per day; 50 per hour")
before = peak()
for first in range(0, int(sys.argv[1]), BATCH):
    slowest, started = 0.0, time.perf_counter()
    for number in range(first, first + BATCH):
        client = f"address:10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        began = time.perf_counter()
        counter.count(
            [
                Hit(item.key_for("fixed-window", client, "global"), item.get_expiry())
                for item in items
            ]
        )
        slowest = max(slowest, time.perf_counter() - began)
    mean = (time.perf_counter() - started) / BATCH
    row = (first + BATCH, round(peak() - before), round(mean * 1e6, 1), round(slowest * 1e3))
    print("| {:,} | {} | {} | {} |".format(*row), flush=True)
