"""Methods: unknown, unsupported and overridden ones, and bodies where none is expected."""

from .probe import EXPERIMENTS, HEALTH, JSON, Probe, changing, creating, experiment, get, http, raw

UNOFFERED = {
    HEALTH: ("TRACE", "TRACK", "CONNECT", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY"),
    "/livez": ("TRACE", "POST"),
    "/api/openapi.json": ("TRACE", "POST"),
    EXPERIMENTS: ("TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "SEARCH"),
    "{item}": ("TRACE", "CONNECT", "PUT", "POST", "COPY", "LOCK"),
}
ODD = (
    "BREW",
    "M-SEARCH",
    "VERSION-CONTROL",
    "AAAAAAAAAAAAAAAAAAAA",
    "GET_",
    "GET!",
    "12345",
    "...",
)
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method")
BODIES = {
    "a body": '{"name": "x"}',
    "a body that is no JSON": "\0{",
    "a body of 100,000 bytes": "x" * 100_000,
}
PREFLIGHT = ("Origin: https://evil.example", "Access-Control-Request-Method: POST")
OLD = (f"GET {HEALTH} HTTP/1.0", "Host: {host}")

PROBES = [
    *(
        Probe(f"{method} {target}", http(method, target), 405)
        for target, methods in UNOFFERED.items()
        for method in methods
    ),
    *(Probe(f"{method} {HEALTH}", http(method, HEALTH), 405) for method in ODD),
    *(Probe(f"{method} /nothing", http(method, "/nothing"), 404) for method in ("TRACE", "BREW")),
    *(
        Probe(f"{name}: DELETE on a GET", get("{item}", f"{name}: DELETE"), 200)
        for name in OVERRIDES
    ),
    *(
        Probe(f"{name}: DELETE on a POST", creating(experiment(), f"{name}: DELETE"), 201)
        for name in OVERRIDES[:2]
    ),
    *(
        Probe(f"GET with {name}", http("GET", HEALTH, body=body), 200)
        for name, body in BODIES.items()
    ),
    *(
        Probe(f"GET of a list with {name}", http("GET", EXPERIMENTS, JSON, body=body), 200)
        for name, body in BODIES.items()
    ),
    *(
        Probe(f"DELETE with {name}", http("DELETE", "{item}", "If-Match: {etag}", body=body), 204)
        for name, body in BODIES.items()
    ),
    *(
        Probe(f"HEAD with {name}", http("HEAD", HEALTH, body=body), 200)
        for name, body in BODIES.items()
    ),
    *(Probe(f"OPTIONS {path}", http("OPTIONS", path), 200) for path in (HEALTH, EXPERIMENTS)),
    Probe("OPTIONS of an item", http("OPTIONS", "{item}"), 200),
    Probe("OPTIONS with a body", http("OPTIONS", HEALTH, body="x"), 200),
    Probe("OPTIONS of nothing", http("OPTIONS", "/nothing"), 404),
    Probe("OPTIONS of the server", http("OPTIONS", "*"), 404),
    Probe("a preflight of another origin", http("OPTIONS", EXPERIMENTS, *PREFLIGHT), 200),
    Probe("a preflight of no origin", http("OPTIONS", HEALTH, "Origin: null", PREFLIGHT[1]), 200),
    Probe("a preflight of nonsense", http("OPTIONS", HEALTH, "Origin: \xff", PREFLIGHT[1]), 200),
    Probe("HEAD of a list", http("HEAD", EXPERIMENTS), 200),
    Probe("HEAD of an item", http("HEAD", "{item}"), 200),
    Probe("HEAD of nothing", http("HEAD", "/nothing"), 404),
    Probe("HEAD with a wrong argument", http("HEAD", f"{EXPERIMENTS}?page=0"), 422),
    Probe("CONNECT to another host", http("CONNECT", "evil.example:443"), 400),
    Probe("CONNECT to this host", http("CONNECT", "{host}"), 400),
    Probe("CONNECT without a port", http("CONNECT", "evil.example"), 400),
    Probe("a change without a body", http("PATCH", "{item}", JSON, "If-Match: {etag}"), 400),
    Probe("a change that says POST", changing('{"limit": 7}', "X-HTTP-Method: POST"), 200),
    Probe("GET in HTTP/1.0 with a body", raw(*OLD, body="x"), 200),
]
