"""Kinds of hostile clients: unauthenticated connections, and callers with expensive requests."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

POST = b"POST /api/v1/experiments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n"


@dataclass(frozen=True)
class Kind:
    """What a hostile client sends: `first` immediately, then `drip` at intervals, never reading.

    If `repeats` is set, it reads the response and sends `first` again.
    """

    first: bytes
    drip: bytes = b""
    repeats: bool = False


CONNECTIONS = {
    "answered and left open": Kind(GET + b"Connection: close\r\n\r\n"),
    "half a header": Kind(GET + b"X: "),
    "no byte": Kind(b""),
    "POST without its body": Kind(POST + b"Content-Length: 100\r\n\r\n"),
    "header in drips": Kind(GET, b"X: y\r\n"),
    "body in drips": Kind(POST + b"Content-Length: 1000\r\n\r\n", b"x"),
    "a chunk that never comes": Kind(POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\nab"),
    "100-continue": Kind(POST + b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n"),
    "pipelines": Kind((GET + b"\r\n") * 50),
    "slow readers": Kind(b"GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 50),
}


def costs(bearer: str) -> dict[str, Kind]:
    """Return the most expensive requests that are allowed, with a valid key or a guessed one."""
    key = f"Connection: close\r\nAuthorization: Bearer {bearer}\r\n".encode()
    guess = f"Connection: close\r\nAuthorization: Bearer {bearer[:-1]}-\r\n\r\n".encode()
    page = b"GET /api/v1/experiments?page_size=100&sort=-updated_at HTTP/1.1\r\nHost: x\r\n"
    return {
        "1 MiB of lists": _post(key, b"[" + b"[]," * 340_000 + b"[]]"),
        "all values that a body may have": _post(
            key, b"[" + b"12345678901234567," * 49_000 + b"1]"
        ),
        "as deep as a body may be": _post(key, b"[" * 32 + b"]" * 32),
        "a problem with every member": _post(key, b"{" + _members(9_000) + b"}"),
        "pages of 100 rows": Kind(page + key + b"\r\n", repeats=True),
        "guesses at a key": Kind(page + guess, repeats=True),
    }


def _post(key: bytes, body: bytes) -> Kind:
    head = POST + key + f"Content-Length: {len(body)}\r\n\r\n".encode()
    return Kind(head + body, repeats=True)


def _members(count: int) -> bytes:
    return b",".join(f'"member {number}":"{"x" * 90}"'.encode() for number in range(count))


def used(master: int) -> tuple[int, int]:
    """Return the largest worker's resident memory in MiB, and the most files that one has open."""
    pages, files = [0], [0]
    for pid in children(master):
        with suppress(OSError):  # the worker has exited meanwhile
            pages.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]))
            files.append(sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()))
    return max(pages) * 4096 // 1024**2, max(files)


def children(master: int) -> list[int]:
    """Return the process IDs of the workers."""
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
