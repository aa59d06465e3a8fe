"""Which host a request may name, and which client address it may claim.

The service trusts one host, 127.0.0.1, and one proxy, which is this client.
"""

from .probe import EXPERIMENTS, HEALTH, Probe, Text, as_bytes, get, lines, raw, words

FOREIGN = words(
    """
    evil.example evil.example:80 127.0.0.1.evil.example evil.example#127.0.0.1
    127.0.0.1@evil.example evil.example@127.0.0.1 127.0.0.1,evil.example 127.0.0.1:80:80 127.0.0.1:a
    127.0.0.1:-1 127.0.0.1/x 127.0.0.1?x 127.0.0.1\\x 127.0.0.1.. 127.0.0.1%00 1 2130706433
    0x7f000001 127.1
    [::1] [::ffff:127.0.0.1] [127.0.0.1] [::1 ::1 localhost * :80 . _ http://127.0.0.1
    """
)
ODD: tuple[Text, ...] = (
    "",
    "127.0.0.1 x",
    "127.0.0.1, evil.example",
    "a" * 8000,
    b"127.0.0.1\xff",
    b"\xe9.example",
    "127.0.0.\N{FULLWIDTH DIGIT ONE}",
)
TRUSTED = words("127.0.0.1 127.0.0.1:1 127.0.0.1: 127.0.0.1:99999 127.0.0.1. 127.0.0.1.:80")
ADDRESSES = [
    *words(
        """
        , ,,,, unknown localhost evil.example 127.0.0.1 1.2.3.4:99999 1.2.3.4:a 999.1.1.1 1.2.3
        01.02.03.04 2130706433 :: [::1] [::1]:80 [::1 ::1] fe80::1%eth0 [fe80::1%x]:1 ::ffff:1.2.3.4
        ::ffff:1.2.3.4%x 1.2.3.4/8 2001:db8::/32 <script> -1 [ ] [] @ //
        """
    ),
    "",
    "'; DROP TABLE",
    "1.2.3.4, 5.6.7.8, 127.0.0.1",
    "127.0.0.1," * 800 + "x",
    "1.2.3.4," * 900,
    "a" * 8000,
    "::" * 4000,
    "fe80::1%25" + "a" * 500,
]
SCHEMES = ("gopher", "javascript", "https,http", ",", "", "https://evil.example", "a" * 8000)
MISLEADING = lines(
    """
    X-Forwarded-Host: evil.example
    X-Forwarded-Host: 127.0.0.1, evil.example
    X-Forwarded-Port: -1
    X-Forwarded-Prefix: //evil.example
    X-Forwarded-Server: evil.example
    X-Script-Name: /evil.example
    SCRIPT_NAME: /evil.example
    PATH_INFO: /evil.example
    REMOTE_ADDR: 127.0.0.1
    X-Host: evil.example
    X-Original-URL: /evil.example
    X-Rewrite-URL: /evil.example
    X-Real-IP: evil.example
    X-Client-IP: [
    True-Client-IP: %
    CF-Connecting-IP: '
    Forwarded: for=evil.example;host=evil.example;proto=gopher
    Forwarded: for="[::1
    Via: 1.1 evil.example
    Proxy: http://evil.example
    Referer: http://evil.example/\\
    Origin: https://evil.example
    Front-End-Https: maybe
    """
)


def named(host: Text, target: str = HEALTH) -> bytes:
    """A request with this Host header."""
    return raw(f"GET {target} HTTP/1.1", b"Host: " + as_bytes(host), "{bearer}")


def absolute(start: str, host: str = "127.0.0.1") -> bytes:
    """A request with an absolute target, which has its own scheme and host."""
    return named(host, start + HEALTH)


PROBES = [
    *(Probe(f"Host: {host!r:.40}", named(host), 400) for host in (*FOREIGN, *ODD)),
    *(Probe(f"Host: {host}", named(host), 200) for host in TRUSTED),
    # Health checks may use any host, such as the address of a pod.
    Probe("a foreign host for a probe", named("evil.example", "/livez"), 200),
    Probe("a pod's address for a probe", named("10.0.0.1:8000", "/readyz"), 200),
    Probe("a foreign host where nothing is", named("evil.example", "/nothing"), 400),
    Probe("a foreign host for a list", named("evil.example", EXPERIMENTS), 400),
    # RFC 9112, 3.2: the response to an HTTP/1.1 request without Host must be 400.
    Probe("no host", raw(f"GET {HEALTH} HTTP/1.1"), 400),
    Probe("no host for a probe", raw("GET /livez HTTP/1.1"), 400),
    Probe("no host in HTTP/1.0", raw(f"GET {HEALTH} HTTP/1.0"), 400),
    Probe("no host in HTTP/1.0 for a probe", raw("GET /livez HTTP/1.0"), 200),
    # RFC 9112, 3.2.2: the host of an absolute target takes precedence over the Host header.
    Probe("an absolute target", absolute("http://127.0.0.1"), 200),
    Probe("an absolute target elsewhere", absolute("http://evil.example"), 400),
    Probe(
        "a foreign host for an absolute target", absolute("http://127.0.0.1", "evil.example"), 400
    ),
    Probe("an absolute target with a user", absolute("http://a:b@127.0.0.1"), 400),
    Probe("an absolute target without a host", absolute("http://"), 400),
    *(
        Probe(f"X-Forwarded-For: {address!r:.40}", get(HEALTH, f"X-Forwarded-For: {address}"), 200)
        for address in ADDRESSES
    ),
    *(
        Probe(f"X-Forwarded-Proto: {name!r:.40}", get(HEALTH, f"X-Forwarded-Proto: {name}"), 200)
        for name in SCHEMES
    ),
    *(Probe(line, get(HEALTH, line), 200) for line in MISLEADING),
    Probe("addresses that are not UTF-8", get(HEALTH, b"X-Forwarded-For: \xff, \xc2\xa0"), 200),
    Probe("two lines of addresses", get(HEALTH, *["X-Forwarded-For: 1.2.3.4"] * 2), 200),
]
