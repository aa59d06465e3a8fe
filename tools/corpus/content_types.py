"""Bodies of other media types or encodings: anything but plain application/json gets 415."""

import gzip

from .probe import (
    EXPERIMENTS,
    JSON,
    Probe,
    Text,
    as_bytes,
    creating,
    experiment,
    http,
    lines,
    words,
)

GOOD = experiment()
CHANGE = '{"limit": 7}'
FORM = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--b--\r\n'


def typed(content_type: Text, body: Text = GOOD) -> bytes:
    """A create request whose body has this content type."""
    return http("POST", EXPERIMENTS, b"Content-Type: " + as_bytes(content_type), body=body)


def change(*more: str) -> bytes:
    """An update request with these header lines instead of a content type."""
    return http("PATCH", "{item}", "If-Match: {etag}", *more, body=CHANGE)


TYPES: list[Text] = [
    *lines(
        """
        text/plain
        text/json
        application/x-json
        application/jsonx
        application/json5
        application/x-ndjson
        application/ld+json
        application/vnd.api+json
        application/problem+json
        application/merge-patch+json
        application/json-patch+json
        application/json-seq
        application/*
        */*
        json
        application
        application/
        /json
        application json
        application/json, text/plain
        text/plain, application/json
        text/plain; application/json
        text/plain; a=application/json
        application/json/x
        application/octet-stream
        application/xml
        application/yaml
        application/x-msgpack
        application/json; charset=utf-16
        application/json; charset=utf-7
        application/json; charset=iso-8859-1
        application/json; charset=nonsense
        application/json; charset*=utf-8''utf-16
        ;
        ; charset=utf-8
        """
    ),
    "",
    b"application/\xff",
    "application/json" + ";a" * 2000 + "; charset=cp037",
]
FORMS = {
    "a form": typed("application/x-www-form-urlencoded", "name=x&query=y"),
    "a form that breaks": typed("application/x-www-form-urlencoded", "%zz&=&&%00=%ff" * 100),
    "parts": typed("multipart/form-data; boundary=b", FORM),
    "parts without a boundary": typed("multipart/form-data", FORM),
    "parts that never end": typed("multipart/form-data; boundary=b", FORM[:-10]),
    "parts with a boundary of 2,000 bytes": typed("multipart/x; boundary=" + "b" * 2000, FORM),
    "5,000 parts": typed("multipart/form-data; boundary=b", FORM[:-7] * 5000 + b"--b--"),
}
ENCODINGS = words(
    """
    gzip br deflate zstd compress x-gzip gzip,gzip identity,gzip identity,identity
    aes128gcm nonsense utf-8 chunked gzip;q=0 * "identity"
    """
)
PACKED = {
    "really gzip": gzip.compress(b'{"name": "x", "query": "x"}'),
    "a bomb of gzip": gzip.compress(b" " * 10_000_000),
}
# A parameter that does not parse is ignored, like one without a meaning (RFC 8259, 11).
SAME: list[Text] = [
    *lines(
        """
        APPLICATION/JSON
        application/json;
        application/json; charset=utf-8
        application/json; charset="UTF-8"
        application/json;charset=utf8
        application/json; profile=x
        application/json ; a=b;;; c
        application/json; charset*=utf-16''utf-8
        """
    ),
    b"application/json; charset=\xff",
]

PROBES = [
    *(Probe(f"{name!r:.60}", typed(name), 415) for name in TYPES),
    *(Probe(*probe, 415) for probe in FORMS.items()),
    *(
        Probe(f"a body that says it is {name}", creating(GOOD, f"Content-Encoding: {name}"), 415)
        for name in ENCODINGS
    ),
    *(Probe(name, creating(body, "Content-Encoding: gzip"), 415) for name, body in PACKED.items()),
    *(Probe(f"JSON as {name!r}", typed(name), 201) for name in SAME),
    Probe("no type", http("POST", EXPERIMENTS, body=GOOD), 415),
    Probe("no type and no body", http("POST", EXPERIMENTS, body=""), 415),
    Probe("two encodings", creating(GOOD, *["Content-Encoding: identity"] * 2), 415),
    Probe("identity", creating(GOOD, "Content-Encoding: Identity"), 201),
    Probe("a change of another type", change("Content-Type: text/plain"), 415),
    Probe("a change without a type", change(), 415),
    Probe("a merge patch", change("Content-Type: application/merge-patch+json"), 415),
    Probe("an encoded change", change(JSON, "Content-Encoding: gzip"), 415),
    Probe("a type without a body", http("GET", EXPERIMENTS, JSON), 200),
]
