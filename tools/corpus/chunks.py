"""Chunked bodies with malformed sizes, extensions, trailers and ends, and some valid ones."""

from .framing import CHUNKED, LIMIT, SMUGGLED
from .probe import EXPERIMENTS, HEALTH, JSON, PAUSE, Probe, Text, as_bytes, get, http

END = "0\r\n\r\n"


def chunked(body: Text) -> bytes:
    """A create request with this raw body, including the chunk sizes."""
    return http("POST", EXPERIMENTS, JSON, CHUNKED) + as_bytes(body)


def sized(size: str, text: str = "{}") -> bytes:
    """A create request with one chunk that announces this size."""
    return chunked(f"{size}\r\n{text}\r\n{END}")


def change(body: str) -> bytes:
    """An update request with this raw body, including the chunk sizes."""
    head = http("PATCH", "{item}", JSON, "If-Match: {etag}", CHUNKED)
    return head + body.encode()


SIZES = ("", "-2", "+2", "0x2", " 2", "2 ", "2_0", "g", "2\n", "2\r", "2,", "2.0", "\0", "2;=x")
EXTENSIONS = ("2;", "2;a=", "2;a\rb", '2;a="', "2;a b", "2;a=b\0", "2;\xe9")
MALFORMED = {
    **{f"chunk size {size!r}": sized(size) for size in SIZES},
    **{f"chunk extension {size!r}": sized(size) for size in EXTENSIONS},
    "a chunk size in foreign digits": sized("\N{ARABIC-INDIC DIGIT TWO}"),
    "a chunk longer than it says": sized("1"),
    "a chunk shorter than it says": sized("3"),
    "a chunk of 2^64 bytes": sized("10000000000000000"),
    "a chunk size of 8,000 digits": sized("f" * 8000),
    "a chunk size that never ends": chunked("0" * 40_000),
    "a chunk extension that never ends": chunked("2;" + "a" * 40_000),
    "chunk lines that end in LF": chunked("2\n{}\n0\n\n"),
    "chunks without a last one": chunked("2\r\n{}\r\n"),
    "a chunk cut short": chunked("ff\r\n{"),
    "no chunk at all": chunked(""),
    "a last chunk without its end": chunked("2\r\n{}\r\n0\r\n"),
    "a length in a trailer": chunked("2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n"),
    "a host in a trailer": chunked("2\r\n{}\r\n0\r\nHost: evil.example\r\n\r\n"),
    "a credential in a trailer": chunked("2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\n\r\n"),
    "a trailer without a colon": chunked("2\r\n{}\r\n0\r\nnonsense\r\n\r\n"),
    "NUL in a trailer": chunked("2\r\n{}\r\n0\r\nX-A: \0\r\n\r\n"),
    "a folded trailer": chunked("2\r\n{}\r\n0\r\nX-A: a\r\n b\r\n\r\n"),
    "100 trailers": chunked("2\r\n{}\r\n0\r\n" + "X-A: a\r\n" * 100 + "\r\n"),
    "a trailer of 9,000 bytes": chunked("2\r\n{}\r\n0\r\nX-A: " + "a" * 9000 + "\r\n\r\n"),
    "chunks that hold nothing": chunked(END),
    "a request in a chunk": sized(f"{len(SMUGGLED):x}", SMUGGLED),
}
GOOD = 'c\r\n{"limit": 7}\r\n' + END
PATIENT = '5\r\n{"lim\r\n{pause}7;a="b"\r\nit": 7}{pause}\r\n000\r\nX-A: b\r\n\r\n'
SOME = "4000\r\n" + " " * 0x4000 + "\r\n"
UNREAD = get(HEALTH, CHUNKED)

PROBES = [
    *(Probe(*probe, 400) for probe in MALFORMED.items()),
    Probe("a chunk over the limit", sized(f"{LIMIT + 1:x}", " " * (LIMIT + 1)), 413),
    Probe("many chunks over the limit", chunked(SOME * 66 + END), 413),
    Probe("chunks in one piece", change(GOOD), 200, back={"limit": 7}),
    Probe("chunks in pieces", change(PATIENT), 200, back={"limit": 7}),
    Probe("CHUNKED in capitals", change(GOOD).replace(b": chunked", b": CHUNKED"), 200),
    Probe("garbage after the chunks", change(GOOD + "X\r\n\r\n"), 200, then=(400,)),
    Probe("chunks that nobody reads", UNREAD + GOOD.encode(), 200),
    # The server notices when it reads the next request, and responds with 400 before it closes.
    Probe("bad chunks that nobody reads", UNREAD + b"zz\r\n{}\r\n", 200, then=(400,)),
    Probe("a slow bad chunk that nobody reads", UNREAD + PAUSE + b"zz\r\n", 200, then=(400,)),
]
