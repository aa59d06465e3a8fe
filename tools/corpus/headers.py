"""Headers that are garbage or irrelevant here: they must never cause a fault in the service."""

from .probe import EXPERIMENTS, HEALTH, Probe, get, lines

# Python raises OverflowError for the first three, where Werkzeug expects ValueError.
DATES = [
    *lines(
        """
        Thu, 01 Jan 99999999999999999999 00:00:00 GMT
        Thu, 01 Jan 2026 00:00:00 +99999999999999
        Thu, 99999999999999999999 Jan 2026 00:00:00 GMT
        Thu, 01 Jan 0000 00:00:00 GMT
        Thu, 31 Feb 2026 00:00:00 GMT
        Thu, 01 Jan 2026 00:00:00 +9999
        Thu, 01 Jan 2026 99:99:99 GMT
        Thu, 01 Jan 9999 23:59:59 -2359
        2026-01-01T00:00:00Z
        garbage
        -1
        ,
        """
    ),
    "",
    "a" * 8000,
    "1 " * 4000,
]
LINES = [
    *lines(
        """
        Accept:
        Accept: application/xml
        Accept: application/json;q=0
        Accept: */*;q=NaN
        Accept: */*;q=1e999
        Accept: */
        Accept: ,;=
        Accept: a/b;c="
        Accept-Charset: utf-7
        Accept-Encoding: gzip;q=2, *;q=0
        Accept-Language: *-*-*
        Range: bytes=0-0
        Range: bytes=0-0,-1
        Range: bytes=-
        Range: bytes=9-1
        Range: bytes=-99999999999999999999
        Range: bytes=1e3-
        Range: items=0-1
        Range: =
        If-None-Match:
        If-None-Match: "
        If-None-Match: W/
        If-None-Match: ,,,
        Expect: 100-continue
        Expect: 100-Continue
        TE: trailers
        TE: chunked
        Trailer: Host
        Upgrade: websocket
        Upgrade: h2c
        Upgrade: HTTP/2.0, SHTTP/1.3, IRC/6.9
        Connection: nonsense
        Connection: Host
        Connection: close, keep-alive
        Connection: ,,,
        Keep-Alive: timeout=-1, max=x
        Max-Forwards: -1
        Cache-Control: max-age=x, only-if
        Content-Range: bytes 0-1/2
        Content-Length: 0
        Content-Type: ;;;
        Content-Type: a/b; c="
        Content-Type: a/b; c*0*=utf-9''%; c*1=%ff
        Content-Type: multipart/form-data
        Content-Encoding: x
        User-Agent: () { :;}; reboot
        User-Agent: ${jndi:ldap://localhost/a}
        traceparent: 00-0-0-0
        tracestate: =,
        baggage: %=,;
        sentry-trace: -1-
        b3: x
        uber-trace-id: ::::
        Prefer: wait=x
        Depth: infinity
        Destination: \\
        Access-Control-Request-Headers: \\
        """
    ),
    "Accept: " + "*/*," * 2000,
    "Accept: text/html;" + "a=b;" * 1900,
    "Accept-Encoding: " + "a," * 4000,
    "Accept-Language: " + "a-" * 4000,
    "Range: bytes=" + "0-," * 2000,
    "Range: bytes=" + "9" * 5000 + "-",
    "Range: bytes=\N{ARABIC-INDIC DIGIT ONE}-",
    "If-None-Match: " + '"a",' * 1500,
    'If-None-Match: "' + " " * 8000 + "x",
    "Content-Type: a/b;" + "c=d;" * 1900,
    "traceparent: " + "f" * 8000,
    "tracestate: " + "=," * 4000,
]
H2C = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
WEB_SOCKET = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
OTHER_BYTES = (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\x80" * 4000)

PROBES = [
    *(
        Probe(f"If-Modified-Since: {date:.60}", get("{item}", f"If-Modified-Since: {date}"), 200)
        for date in DATES
    ),
    *(
        Probe(f"{name}: {date:.60}", get("{item}", "Range: bytes=0-0", f"{name}: {date}"), 200)
        for name in ("If-Range", "If-Unmodified-Since", "Date")
        for date in DATES[:4]
    ),
    *(Probe(f"{line:.60}", get(HEALTH, line), 200) for line in LINES),
    *(
        Probe(f"{name}: {value!r:.40}", get(HEALTH, name.encode() + b": " + value), 200)
        for name in ("Accept", "Content-Type", "Range", "Referer", "User-Agent")
        for value in OTHER_BYTES
    ),
    *(
        Probe(f"{value!r:.40} for a tag", get("{item}", b"If-None-Match: " + value), 200)
        for value in OTHER_BYTES
    ),
    Probe("Expect: the impossible", get(HEALTH, "Expect: 200-ok"), 417, "server"),
    Probe("Expect: nothing", get(HEALTH, "Expect:"), 417, "server"),
    Probe("Expect on two lines", get(HEALTH, *["Expect: 100-continue"] * 2), 200),
    Probe("an upgrade to HTTP/2", get(HEALTH, *H2C), 200),
    Probe("an upgrade to a web socket", get(HEALTH, *WEB_SOCKET), 400),
    Probe("an upgrade of a list", get(EXPERIMENTS, *H2C), 200),
]
