"""Request lines and headers at and beyond their limits: the server responds with 414 and 431."""

from .probe import HEALTH, Probe, get, raw

LINE = 4094  # gunicorn_conf.limit_request_line; the others likewise
FIELDS = 64
FIELD = 8190


def line_of(length: int) -> bytes:
    """A request whose request line has this length."""
    start, end = "GET /api/health?", " HTTP/1.1"
    return raw(start + "a" * (length - len(start) - len(end)) + end, "Host: {host}")


def fields(count: int, size: int = 0) -> bytes:
    """A request with this many headers, each of `size` bytes if given."""
    filler = "a" * (size - len("X-00: \r\n"))
    return raw(
        f"GET {HEALTH} HTTP/1.1",
        "Host: {host}",
        *(f"X-{number:02}: {filler}" for number in range(count - 1)),
    )


PROBES = [
    Probe("the longest line", line_of(LINE), 200),
    Probe("a line too long by one", line_of(LINE + 1), 414, "server"),
    Probe("a line of 60,000 bytes", line_of(60_000), 414, "server"),
    Probe("a line that never ends", b"GET /" + b"a" * 60_000, 414, "server"),
    Probe("a method that never ends", b"A" * 60_000, 414, "server"),
    Probe("the longest header", get(HEALTH, "X-A: " + "a" * (FIELD - 7)), 200),
    Probe("a header too long by one", get(HEALTH, "X-A: " + "a" * (FIELD - 6)), 431, "server"),
    Probe("a header that never ends", get(HEALTH)[:-2] + b"X-A: " + b"a" * 600_000, 431, "server"),
    Probe("a name of 9,000 bytes", get(HEALTH, "X" * 9000 + ": a"), 431, "server"),
    Probe("a cookie of 9,000 bytes", get(HEALTH, "Cookie: a=" + "a" * 9000), 431, "server"),
    Probe("a credential of 9,000 bytes", get(HEALTH, "X-Key: " + "a" * 9000), 431, "server"),
    Probe("the most headers", fields(FIELDS), 200),
    Probe("a header too many", fields(FIELDS + 1), 431, "server"),
    Probe("1,000 headers", fields(1000), 431, "server"),
    Probe("the most headers at their longest", fields(FIELDS, FIELD), 200),
    Probe("too many headers at their longest", fields(FIELDS + 4, FIELD), 431, "server"),
]
