"""Idempotency-Key values of every form: anything but 1 to 255 visible characters gets 422."""

from .probe import (
    EXPERIMENTS,
    HEALTH,
    Probe,
    Text,
    as_bytes,
    changing,
    creating,
    experiment,
    get,
    words,
)

REFUSED: tuple[Text, ...] = (
    "",
    "a b",
    "a\tb",
    "a, b",
    "a" * 256,
    "a" * 8000,
    "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "\N{GRINNING FACE}",
    b"\xff",
    b"\xa0a",
    b"a\x85b",
    b"\xed\xa0\x80",
)
TAKEN = (
    "x" * 255,
    *words("""';DROP/**/TABLE/**/experiments;-- "quoted" %00 \\ {} * ../.. <x> !~"""),
)
LARGE = experiment(query="\N{GRINNING FACE}" * 10_000, parameters={"a": "a" * 16_000})


def keyed(key: Text, body: Text | None = None) -> bytes:
    """A create request with this key."""
    return creating(experiment() if body is None else body, b"Idempotency-Key: " + as_bytes(key))


PROBES = [
    *(Probe(f"the key {key!r:.40} ({len(key)})", keyed(key), 422) for key in REFUSED),
    *(Probe(f"the key {key!r:.40} ({len(key)})", keyed(key), 201) for key in TAKEN),
    Probe("NUL in a key", keyed("a\0"), 400, "server"),
    Probe("two keys", creating(experiment(), "Idempotency-Key: a", "Idempotency-Key: b"), 201),
    Probe("a key for a body that is no JSON", keyed("bad", "{"), 400),
    Probe("a key for values that are not valid", keyed("bad", '{"name": 1}'), 422),
    Probe("a key whose requests were refused", keyed("bad"), 201),
    Probe("a key for a name that is taken", keyed("taken", experiment(name="{taken}")), 409),
    Probe("a key whose creation failed", keyed("taken"), 201),
    Probe("a key for another request", keyed("taken"), 422),
    Probe("a key that differs by case", keyed("TAKEN"), 201),
    Probe("a key for a large body", keyed("large", LARGE), 201),
    Probe("a key for a change", changing('{"limit": 7}', "Idempotency-Key: a b"), 200),
    Probe("a key for a list", get(EXPERIMENTS, "Idempotency-Key: a b"), 200),
    Probe("a key for health", get(HEALTH, "Idempotency-Key: a b"), 200),
]
