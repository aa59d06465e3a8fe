"""Message framing: lengths, transfer codings, truncation and smuggled requests."""

from .probe import (
    EXPERIMENTS,
    HEALTH,
    JSON,
    PAUSE,
    SILENCE,
    Probe,
    Text,
    changing,
    creating,
    get,
    http,
    raw,
)

LIMIT = 1_048_576  # the default of MAX_CONTENT_LENGTH
CHUNKED = "Transfer-Encoding: chunked"
CONTINUE = "Expect: 100-continue\r\nContent-Length: "
NO_CHUNK = "0\r\n\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: evil.example\r\n\r\n"


def post(*more: Text, body: Text = b"", version: str = "1.1") -> bytes:
    """A request for an arbitrary endpoint: only its framing matters."""
    return raw(f"POST {HEALTH} HTTP/{version}", "Host: {host}", JSON, *more, body=body)


def headed(line: Text) -> bytes:
    """A create request that announces a body with this header and never sends it."""
    return http("POST", EXPERIMENTS, JSON, line)


LENGTHS = {
    f"Content-Length: {shape}": post(f"Content-Length: {shape}", body="{}")
    for shape in ("-1", "+2", "2.0", "0x2", "2_0", "2 2", "2, 2", "2e0", "two", "", '"2"')
}
CODINGS = {
    f"Transfer-Encoding: {shape}": post(f"Transfer-Encoding: {shape}", body=NO_CHUNK)
    for shape in ("identity", "chunked, identity", "chunked, chunked", "gzip", "chunked, gzip")
}
UNKNOWN_CODINGS = {
    f"Transfer-Encoding: {shape}": post(f"Transfer-Encoding: {shape}", body=NO_CHUNK)
    for shape in ("xchunked", "chunked;q=1", '"chunked"', "br", "chunked, cow", "cow, chunked", "")
}
AMBIGUOUS = {
    "superscript length": post("Content-Length: \N{SUPERSCRIPT TWO}".encode("latin-1"), body="{}"),
    "two lengths that differ": post("Content-Length: 2", "Content-Length: 3", body="{} "),
    "two lengths that agree": post("Content-Length: 2", "Content-Length: 2", body="{}"),
    "length and chunks": post("Content-Length: 2", CHUNKED, body=NO_CHUNK + SMUGGLED),
    "chunks and length": post(CHUNKED, "Content-Length: 6", body=NO_CHUNK + "X"),
    "chunked on two lines": post(CHUNKED, CHUNKED, body=NO_CHUNK),
    "chunked, then identity": post(CHUNKED, "Transfer-Encoding: identity", body=NO_CHUNK),
    "space before the colon": post("Transfer-Encoding : chunked", body=NO_CHUNK),
    "folded coding": post("Transfer-Encoding:", " chunked", body=NO_CHUNK),
    "vertical tab in the coding": post("Transfer-Encoding: \x0bchunked", body=NO_CHUNK),
    "chunks in HTTP/1.0": post(CHUNKED, body=NO_CHUNK, version="1.0"),
}
CUT_SHORT = {
    "nothing": b"",
    "a request line cut short": b"GET /liv",
    "headers cut short": b"GET /livez HTTP/1.1\r\nHost: x",
    "headers without their end": b"GET /livez HTTP/1.1\r\nHost: x\r\n",
}
EMPTY = {
    "no length": http("POST", EXPERIMENTS, JSON),
    "length 0": headed("Content-Length: 0"),
    "an underscored length": headed("Content_Length: 2"),
    "an underscored coding": headed("Transfer_Encoding: chunked"),
    "a body that never comes": headed("Content-Length: 100"),
    "a length of the limit, and no body": headed(f"Content-Length: {LIMIT}"),
    "a body cut short": headed("Content-Length: 100") + b'{"name": "x"',
}
TOO_LONG = {
    "one byte over the limit": headed(f"Content-Length: {LIMIT + 1}"),
    "a length of 2^63": headed("Content-Length: 9223372036854775808"),
    "a length of 4,000 digits": headed("Content-Length: " + "9" * 4000),
    "a length over the limit, and a question first": headed(f"{CONTINUE}{LIMIT + 1}"),
    "a whole body over the limit": creating(" " * (LIMIT + 1)),
}
IN_PIECES = changing(b'{"limit":' + PAUSE + b" 7" + PAUSE + b"}").replace(
    b"Content-", PAUSE + b"Con" + PAUSE + b"tent-"
)

PROBES = [
    *(Probe(*probe, 400, "server") for probe in (LENGTHS | CODINGS | AMBIGUOUS).items()),
    # The only correct 5xx (RFC 9112, 6.1): the server does not know the transfer coding.
    *(Probe(*probe, 501, "server") for probe in UNKNOWN_CODINGS.items()),
    *(Probe(*probe, SILENCE, "server") for probe in CUT_SHORT.items()),
    *(Probe(*probe, 400) for probe in EMPTY.items()),
    *(Probe(*probe, 413) for probe in TOO_LONG.items()),
    Probe("zeros before a length", headed("Content-Length: 0002") + b"{}", 422),
    Probe("a length of 5,000 digits", headed("Content-Length: " + "9" * 5000), 400, "server"),
    Probe("a question before a body", headed(f"{CONTINUE}2") + b"[]", 422),
    Probe("a request in pieces", IN_PIECES, 200, back={"limit": 7}),
    Probe("a request as a refused body", http("POST", "/nothing", body=SMUGGLED), 404),
    Probe("a request as an ignored body", http("GET", HEALTH, body=SMUGGLED), 200),
    Probe("a request as a body of another type", http("PATCH", "{item}", body=SMUGGLED), 415),
    Probe("garbage after a request", get(HEALTH) + b"\0\1\2\r\n\r\n", 200, then=(400,)),
    Probe(
        "more than the length says", post("Content-Length: 1", body="{}\r\n\r\n"), 405, then=(400,)
    ),
]
