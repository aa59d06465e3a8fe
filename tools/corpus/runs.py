"""Runs of an experiment on the model: a route without a body that costs money when it succeeds."""

from .probe import EXPERIMENTS, JSON, Probe, get, http, words

RUN = "{item}/run"
NO_IDS = words("0 -1 1.0 1e3 %201 1%00 null ' 2147483648 9223372036854775808 %C2%B2 1;2 ../1")
BODIES = {
    "none": None,
    "no JSON": "\0{",
    "JSON that nobody asked for": '{"model": "dear", "query": "evil.example"}',
    "100,000 bytes": "x" * 100_000,
}
TYPES = ("Content-Type: application/json", "Content-Type: text/plain", "Content-Encoding: gzip")

PROBES = [
    *(
        Probe(f"a run of the id {name}", http("POST", f"{EXPERIMENTS}/{name}/run"), 404)
        for name in NO_IDS
    ),
    *(
        Probe(f"the runs of the id {name}", get(f"{EXPERIMENTS}/{name}/runs"), 404)
        for name in NO_IDS
    ),
    *(Probe(f"the run {name}", get(f"{{item}}/runs/{name}"), 404) for name in NO_IDS),
    *(
        Probe(f"{method} of a run", http(method, RUN, JSON, body="{}"), 405)
        for method in ("GET", "PUT", "PATCH", "DELETE", "TRACE", "LOCK")
    ),
    *(
        Probe(f"{method} of the runs", http(method, "{item}/runs", JSON, body="{}"), 405)
        for method in ("POST", "PUT", "DELETE")
    ),
    *(
        Probe(f"a run with {name} as {kind}", http("POST", RUN, kind, body=body), 201)
        for name, body in BODIES.items()
        for kind in TYPES
    ),
    *(
        Probe(
            f"a run under the key {key!r:.40} ({len(key)})",
            http("POST", RUN, f"Idempotency-Key: {key}"),
            422,
        )
        for key in ("", "a b", "a" * 256, "\N{GRINNING FACE}")
    ),
    Probe("a run under a key", http("POST", RUN, "Idempotency-Key: run", body="\0{"), 201),
    Probe("a run with arguments", http("POST", f"{RUN}?model=dear&page=x"), 201),
    Probe("a run with a slash at the end", http("POST", f"{RUN}/"), 201),
    *(
        Probe(f"runs by {query}", get(f"{{item}}/runs?{query}"), 422)
        for query in ("page=0", "page=x", "page_size=101", "page_size=-1", "sort=id", "owner=x")
    ),
    Probe("runs beyond the last page", get("{item}/runs?page=1000000&page_size=100"), 200),
]
