"""Request lines and header lines that are malformed or unusual, whatever they mean."""

from .probe import HEALTH, SILENCE, Probe, Text, get, raw

HOST = "Host: {host}"


def first(line: Text) -> bytes:
    """A request with this request line."""
    return raw(line, HOST)


def headers(*more: Text) -> bytes:
    """A request with these additional header lines."""
    return raw("GET /livez HTTP/1.1", HOST, *more)


LINES: dict[str, Text] = {
    "two spaces before the target": f"GET  {HEALTH} HTTP/1.1",
    "two spaces before the version": f"GET {HEALTH}  HTTP/1.1",
    "tabs for spaces": f"GET\t{HEALTH}\tHTTP/1.1",
    "a space before the method": f" GET {HEALTH} HTTP/1.1",
    "a space in the target": "GET /a b HTTP/1.1",
    "no target": "GET HTTP/1.1",
    "an empty target": "GET  HTTP/1.1",
    "nothing but a method": "GET",
    "two empty lines first": f"\r\n\r\nGET {HEALTH} HTTP/1.1",
    "HTTP/0.9": f"GET {HEALTH}",
    "HTTP/2.0": f"GET {HEALTH} HTTP/2.0",
    "HTTP/3": f"GET {HEALTH} HTTP/3",
    "HTTP/1.10": f"GET {HEALTH} HTTP/1.10",
    "HTTP/01.1": f"GET {HEALTH} HTTP/01.1",
    "HTTP/1": f"GET {HEALTH} HTTP/1",
    "http/1.1 in small letters": f"GET {HEALTH} http/1.1",
    "a space after the version": f"GET {HEALTH} HTTP/1.1 ",
    "another protocol": f"GET {HEALTH} ICAP/1.0",
    "a version in foreign digits": f"GET {HEALTH} HTTP/\N{ARABIC-INDIC DIGIT ONE}.1",
    "an RTSP request": "OPTIONS rtsp://evil.example/ RTSP/1.0",
    "a SIP request": "OPTIONS sip:evil@evil.example SIP/2.0",
    "a PROXY line": f"PROXY TCP4 203.0.113.1 127.0.0.1 1 2\r\nGET {HEALTH} HTTP/1.1",
    "an SMTP greeting": "EHLO evil.example",
    "a Redis command": "*1\r\n$4\r\nPING",
    "NUL in the target": "GET /\0 HTTP/1.1",
    "DEL in the target": "GET /\x7f HTTP/1.1",
    "raw UTF-8 in the target": "GET /\N{LATIN SMALL LETTER E WITH ACUTE} HTTP/1.1",
    "a raw byte in the target": b"GET /\xff HTTP/1.1",
    "CR in the target": "GET /\rlivez HTTP/1.1",
    "LF in the target": "GET /\nlivez HTTP/1.1",
    "a relative target": "GET livez HTTP/1.1",
    "an authority for GET": "GET evil.example:80 HTTP/1.1",
    "an asterisk for GET": "GET * HTTP/1.1",
    "a method of two letters": "GO / HTTP/1.1",
    "a method of 21 letters": f"{'A' * 21} / HTTP/1.1",
    "a method in small letters": f"get {HEALTH} HTTP/1.1",
    "a method that is no token": "GE/T / HTTP/1.1",
    "NUL in a method": "GE\0T / HTTP/1.1",
    "a method that is not ASCII": b"G\xc9T / HTTP/1.1",
    "an open bracket in the authority": "GET http://[::1/livez HTTP/1.1",
}
HEADERS = {
    "a header without a colon": ("nonsense",),
    "a header without a name": (": nonsense",),
    "a space in a name": ("X A: b",),
    "a space before the first name": (" X-A: b",),
    "a tab before a colon": ("X-A\t: b",),
    "a folded header": ("X-A: b", "\tc"),
    "NUL in a name": ("X\0A: b",),
    "NUL in a value": ("X-A: \0",),
    "CR in a value": ("X-A: a\rX-B: b",),
    "LF in a value": ("X-A: a\nX-B: b",),
    "ESC in a value": ("X-A: \x1b[2J",),
    "DEL in a value": ("X-A: \x7f",),
    "a name that is not ASCII": ("X-\N{LATIN SMALL LETTER E WITH ACUTE}: b",),
    "a name that only looks right": ("Ho\N{CYRILLIC SMALL LETTER ES}t: b",),
    "a name in parentheses": ("(X): b",),
    "two hosts": ("Host: evil.example",),
    "two content types": ("Content-Type: application/json", "Content-Type: text/plain"),
}

PROBES = [
    *(Probe(name, first(line), 400, "server") for name, line in LINES.items()),
    *(Probe(name, headers(*lines), 400, "server") for name, lines in HEADERS.items()),
    Probe(
        "an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 400, "server"
    ),
    Probe("a TLS greeting", b"\x16\3\1\0\xa5\1\0\0\xa1\3\3" + bytes(range(32)) * 4, 400, "server"),
    Probe("lines that end in LF", b"GET /livez HTTP/1.1\nHost: x\n\n", 400, "server"),
    Probe("lines that end in CR", b"GET /livez HTTP/1.1\rHost: x\r\r", SILENCE, "server"),
    Probe("nothing but empty lines", b"\r\n" * 50, 400, "server"),
    Probe("nothing but NUL", b"\0" * 4000, SILENCE, "server"),
    Probe("one empty line first", first(f"\r\nGET {HEALTH} HTTP/1.1"), 200),
    Probe("HTTP/1.9", first(f"GET {HEALTH} HTTP/1.9"), 200),
    Probe("HTTP/1.0", first(f"GET {HEALTH} HTTP/1.0"), 200),
    Probe("a raw byte in a value", get(HEALTH, b"X-A: \xff\xfe"), 200),
    Probe("an empty value", get(HEALTH, "X-A:"), 200),
    Probe("every sign in a name", get(HEALTH, "!#$%&'*+-.^_`|~: a"), 200),
    Probe("an unconventional method", first("M-SEARCH / HTTP/1.1"), 404),
]
