"""Credentials: anything but exactly one valid bearer credential gets 401, always the same."""

from .probe import (
    EXPERIMENTS,
    HEALTH,
    JSON,
    Probe,
    Text,
    as_bytes,
    experiment,
    get,
    http,
    lines,
    raw,
)

PART = "A" * 43  # as long as the secret part of a key
UNSIGNED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."  # a token with algorithm "none"
REFUSED: list[Text] = [
    *lines(
        f"""
        Bearer
        Bearer,
        bearer bearer
        Bearer null
        Bearer *
        Basic
        Basic Og==
        Basic dXNlcjpwYXNzd29yZA==
        Basic !!!
        Basic {{key}}
        Digest username=x
        Negotiate x
        Token {{key}}
        ApiKey {{key}}
        {{key}}
        Bearer: {{key}}
        Bearer={{key}}
        "Bearer" {{key}}
        Bearer "{{key}}"
        Bearer {{key}}x
        Bearer {{key}} x
        Bearer {{key}},
        Bearer {{key}};
        Bearer {{key}}=
        Bearer {{key}}%00
        Bearer {{key}}\\n
        Bearer x {{key}}
        Bearer Bearer {{key}}
        Bearer key={{key}}
        Bearer {{key}}, Bearer {{key}}
        Bearer {{key-prefix}}
        Bearer {{key-prefix}}_
        Bearer {{key-prefix}}_{PART}
        Bearer {{key-secret}}
        Bearer sk_000000000000_{PART}
        Bearer SK_000000000000_{PART}
        Bearer sk_%_{PART}
        Bearer sk_' OR 1=1 --_{PART}
        Bearer sk__{PART}
        Bearer sk__
        Bearer {UNSIGNED}
        """
    ),
    "",
    "Bearer\t{key}",
    "Bearer " + "a" * 8000,
    "Bearer " + "_" * 8000,
    "Bearer" + " " * 8000 + "x",
    "a " * 4000,
    "Bearer \N{FULLWIDTH LATIN SMALL LETTER S}k_000000000000_" + PART,
    b"Bearer \xff\xfe",
    b"Bearer \xed\xa0\x80",
    b"B\xe9arer x",
    b"Bearer {key}\xff",
    b"Bearer\xa0{key}",
    b"Bearer {key}\xa0",  # whitespace in Python, but not in HTTP
    b"Bearer \x85{key}",
]
ACCEPTED = ("Bearer {key}", "bearer {key}", "BEARER {key}", "Bearer   {key}", "  Bearer {key}  ")
ELSEWHERE = lines(
    """
    X-API-Key: {key}
    Api-Key: {key}
    X-Authorization: Bearer {key}
    Proxy-Authorization: Bearer {key}
    Authorization_: Bearer {key}
    Cookie: Authorization=Bearer {key}; api_key={key}; session={key}
    X-Remote-User: admin
    X-Owner: anybody
    """
)


def sent(credential: Text) -> bytes:
    """A request with this Authorization header."""
    line = b"Authorization: " + as_bytes(credential)
    return raw(f"GET {EXPERIMENTS} HTTP/1.1", "Host: {host}", line)


def without(request: bytes) -> bytes:
    """The request without its credential."""
    return request.replace(b"{bearer}\r\n", b"")


STRANGERS = {
    "a list": get(EXPERIMENTS),
    "HEAD": http("HEAD", EXPERIMENTS),
    "a creation": http("POST", EXPERIMENTS, JSON, body=experiment()),
    "a creation of nonsense": http("POST", EXPERIMENTS, JSON, body="{"),
    "a creation that is too large": http("POST", EXPERIMENTS, JSON, "Content-Length: 99999999"),
    "a wrong argument": get(f"{EXPERIMENTS}?page=0"),
    "an item": get("{item}"),
    "an item that is not there": get(f"{EXPERIMENTS}/0"),
    "a change": http("PATCH", "{item}", JSON, "If-Match: *", body='{"limit": 7}'),
    "a deletion": http("DELETE", "{item}", "If-Match: *"),
    "a key in the query": get(EXPERIMENTS + "?api_key={key}&access_token={key}"),
    "bad chunks": http("POST", EXPERIMENTS, JSON, "Transfer-Encoding: chunked") + b"zz",
}
GARBAGE = raw(f"GET {HEALTH} HTTP/1.1", "Host: {host}", b"Authorization: Bearer \xff")

PROBES = [
    *(Probe(f"{value!r:.60} ({len(value)})", sent(value), 401) for value in REFUSED),
    *(Probe(f"{value!r}", sent(value), 200) for value in ACCEPTED),
    *(Probe(line, without(get(EXPERIMENTS, line)), 401) for line in ELSEWHERE),
    *(Probe(f"a stranger: {name}", without(probe), 401) for name, probe in STRANGERS.items()),
    Probe("two good credentials", get(EXPERIMENTS, "Authorization: Bearer {key}"), 401),
    Probe("a good credential and a bad one", get(EXPERIMENTS, "Authorization: Bearer x"), 401),
    Probe("NUL in a credential", sent("Bearer {key}\0"), 400, "server"),
    Probe("a credential of 9,000 bytes", sent("Bearer " + "a" * 9000), 431, "server"),
    Probe("a stranger where nothing is", without(get("/nothing")), 404),
    Probe("a stranger's unoffered method", without(http("DELETE", EXPERIMENTS)), 405),
    Probe("a stranger's OPTIONS", without(http("OPTIONS", EXPERIMENTS)), 200),
    Probe("garbage where nobody is asked", GARBAGE, 200),
]
