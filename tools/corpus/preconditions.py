"""If-Match and If-None-Match of every form: an update applies only to the version that was read."""

from .probe import EXPERIMENTS, JSON, Probe, Text, as_bytes, get, http, lines

BODY = '{"limit": 7}'
STALE: list[Text] = [
    *lines(
        r"""
        "
        ""
        W/
        W/""
        ,
        ,,,
        "stale"
        "{version}
        {version}"
        '{version}'
        <{version}>
        "{version}"x
        {version}
        W/{etag}
        w/{etag}
        W/ "{version}"
        "0{version}"
        "+{version}"
        " {version}"
        "{version} "
        "{version}.0"
        "\"{version}\""
        "%31"
        "\u0031"
        *, "stale"
        **
        "*"
        W/*
        "-1"
        "None"
        "9223372036854775808"
        '; DROP TABLE experiments; --
        """
    ),
    "",
    '"a",' * 1500,
    '"' * 8000,
    '"' + "9" * 5000 + '"',
    " " * 4000 + "x",
    "x" + "\t" * 8000 + "x",
    '"\N{FULLWIDTH DIGIT ONE}"',
    b'"\xff"',
]
FRESH = lines(
    """
    {etag}
    "stale", {etag}
    {etag}, "stale"
    "",{etag}
    {etag},
    ,{etag}
    *
    W/{etag}, {etag}
    """
)
NEVER = "Thu, 01 Jan 2099 00:00:00 GMT"


def change(line: Text, item: str = "{item}", body: str = BODY) -> bytes:
    """An update request with this precondition."""
    return http("PATCH", item, JSON, line, body=body)


def deletion(*conditions: str) -> bytes:
    return http("DELETE", "{item}", *conditions)


PROBES = [
    *(
        Probe(
            f"If-Match: {value!r:.40} ({len(value)})", change(b"If-Match: " + as_bytes(value)), 412
        )
        for value in STALE
    ),
    *(
        Probe(f"If-Match: {value}", change(f"If-Match: {value}"), 200, back={"limit": 7})
        for value in FRESH
    ),
    Probe("If-Match with an underscore", change("If_Match: {etag}"), 428),
    Probe("If-None-Match instead", change("If-None-Match: {etag}"), 428),
    Probe("If-Unmodified-Since instead", change(f"If-Unmodified-Since: {NEVER}"), 428),
    Probe("a change without If-Match", change("X-A: b"), 428),
    Probe("a deletion without If-Match", deletion(), 428),
    Probe("a deletion of a stale state", deletion('If-Match: "stale"'), 412),
    Probe("a deletion of any state", deletion("If-Match: *"), 204),
    Probe("two lines of If-Match", deletion('If-Match: "a"', "If-Match: {etag}"), 204),
    Probe("a stale change of nothing", change('If-Match: "a"', f"{EXPERIMENTS}/0"), 404),
    Probe("a stale change that does not parse", change('If-Match: "a"', body="{"), 400),
    Probe("a stale change that is not valid", change('If-Match: "a"', body='{"id": 1}'), 422),
    Probe("If-None-Match of the state", get("{item}", "If-None-Match: {etag}"), 304),
    Probe("If-None-Match of the weak state", get("{item}", "If-None-Match: W/{etag}"), 304),
    Probe("If-None-Match of any state", get("{item}", "If-None-Match: *"), 304),
    Probe("If-None-Match of another state", get("{item}", 'If-None-Match: "stale"'), 200),
    Probe("HEAD with If-None-Match", http("HEAD", "{item}", "If-None-Match: {etag}"), 304),
    Probe("GET of a stale state", get("{item}", 'If-Match: "stale"'), 412),
    Probe("HEAD of a stale state", http("HEAD", "{item}", 'If-Match: "stale"'), 412),
    Probe("GET of the state", get("{item}", "If-Match: {etag}"), 200),
]
