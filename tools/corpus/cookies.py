"""Garbage cookies and request IDs: none may start a session or put an unsafe ID into the log."""

from .probe import HEALTH, Probe, get, lines

COOKIES = [
    *lines(
        r"""
        ;
        ;;;;
        =
        =;=
        a
        a=
        =b
        a=b=c
        "
        a="
        a="\
        a="\377"
        a="\400"
        a="\000"
        a=%
        a=%ff
        a=\x00
        a = b
        a,b=c
        $Version=1; $Path=/
        __Host-session=
        __Host-session=.
        __Host-session=a.b.c
        __Host-session=a.9999999999.b
        __Host-session=.eJwrSS0uAQAEXQHB.AAAA.AAAA
        __Host-session=eyJfZnJlc2giOnRydWV9.aAAAAA.AAAA
        """
    ),
    "",
    "a\t=\tb",
    "__Host-session=" + "." * 8000,
    "a=b;" * 2000,
    "a=b," * 900,
    "\\" * 8000,
    'a="' + "\\" * 8000,
    'a="' + '\\"' * 4000,
    "a=" + " " * 8000 + "b",
    ";" * 8000,
    "=" * 8000,
]
REQUEST_IDS = [
    *lines(
        r"""
        a
        a b c d e f
        <script>alert(1)</script>
        {"level": "error"}
        aaaaaaaa%0d%0aX-Evil: x
        aaaaaaaa\n\r\u0000
        ../../etc/passwd
        '; DROP TABLE
        aaaaaaaa,bbbbbbbb
        ${jndi:ldap://localhost/a}
        """
    ),
    "",
    "aaaaaaaa\tbbbb",
    "a" * 129,
    "a" * 8000,
    "aaaaaaaa\N{CYRILLIC SMALL LETTER A}",
]
OTHER_BYTES = (b"\xff", b"a=\xc3\x28", b"a=\xed\xa0\x80", b"aaaaaaaa\x85b", b"\x80" * 4000)

PROBES = [
    *(
        Probe(f"Cookie: {cookie:.50} ({len(cookie)})", get(HEALTH, f"Cookie: {cookie}"), 200)
        for cookie in COOKIES
    ),
    *(
        Probe(f"X-Request-ID: {name:.50} ({len(name)})", get(HEALTH, f"X-Request-ID: {name}"), 200)
        for name in REQUEST_IDS
    ),
    *(
        Probe(f"{name}: {value!r:.40}", get(HEALTH, name.encode() + b": " + value), 200)
        for name in ("Cookie", "X-Request-ID")
        for value in OTHER_BYTES
    ),
    Probe("60 cookies", get(HEALTH, *["Cookie: a=b"] * 60), 200),
    Probe("two request ids", get(HEALTH, *["X-Request-ID: aaaaaaaa"] * 2), 200),
    Probe("a bad cookie where nothing is", get("/nothing", 'Cookie: __Host-session="'), 404),
    Probe("a bad request id where nothing is", get("/nothing", b"X-Request-ID: \xff"), 404),
]
