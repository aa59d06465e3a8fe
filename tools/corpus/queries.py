"""Query arguments: invalid, duplicate, unknown or badly encoded, and paths that take none."""

from .probe import EXPERIMENTS, HEALTH, Probe, get, words

NUMBERS = words(
    """
    0 -1 abc 1.0 1e3 0x10 1_0 +1 %2B1 %201 1%20 1%0a 1,2 1;2 NaN Infinity null true [] 1' % %25 %zz
    %ff %D9%A1 %C2%B2 %EF%BC%91 %ED%A0%80 2147483648 9223372036854775807 9223372036854775808
    1%20OR%201=1 1);DROP%20TABLE%20experiments--
    """
)
SORTS = words(
    """
    - --name +name id owner version query Name NAME name,query name%20desc name;%20-- (SELECT%201)
    __class__ metadata name%0a -%20name %ff %E2%88%92name name' 1 null
    """
)
STATUSES = words(
    """
    DRAFT Draft draft%20 draft,failed 0 null * %25 draft'-- draft'%20OR%20'1'='1 %ff __class__
    Status.DRAFT
    """
)
VALUES = {
    "page": [*NUMBERS, "", "1000001", "9" * 3000],
    "page_size": [*NUMBERS[:6], "", "101", "9" * 3000],
    "sort": [*SORTS, "", "a" * 3000],
    "status": [*STATUSES, "", "a" * 3000],
}
WRONG = {
    "an unknown argument": "nothing=1",
    "an argument in capitals": "PAGE=1",
    "an argument as a list": "page[]=1",
    "an argument as an object": "page[gt]=1",
    "a field that is no argument": "name=x",
    "a method to use instead": "_method=DELETE",
    "the owner": "owner=anybody",
    "a prototype": "__proto__[page]=1",
    "a name that is empty": "=1",
    "a name that is not UTF-8": "%ff=1",
    "a name that is half encoded": "%=1",
    "an argument twice": "page=1&page=1",
    "an argument twice that differs": "status=draft&status=failed",
    "an argument twice, once encoded": "page=1&%70age=2",
    "an unknown argument 1,000 times": "&".join(["a"] * 1000),
    "1,000 unknown arguments": "&".join(f"{number:x}" for number in range(1000)),
    "two question marks": "page=1?page=2",
    "a semicolon between": "page=1;sort=name",
}
MALFORMED = {
    "NUL in a value": "status=%00",
    "NUL in a name": "%00=1",
    "NUL after a value": "page=1%00",
    "NUL in the second of two": "page=1&page=%00",
}
FINE = {
    "nothing but separators": "&&&",
    "an encoded name": "%70age=1",
    "the last page there may be": "page=1000000&page_size=100",
    "a fragment": "page=1#page=0",
    "separators around": "&page=1&&",
    "every argument": "page=1&page_size=1&status=draft&sort=-updated_at",
}
GARBAGE = "?%00=%ff&%&&=;"


def listing(query: str) -> bytes:
    """A request for the list with this query string."""
    return get(f"{EXPERIMENTS}?{query}")


PROBES = [
    *(
        Probe(f"{name}={value:.40} ({len(value)})", listing(f"{name}={value}"), 422)
        for name, values in VALUES.items()
        for value in values
    ),
    *(Probe(name, listing(query), 422) for name, query in WRONG.items()),
    *(Probe(name, listing(query), 400) for name, query in MALFORMED.items()),
    *(Probe(name, listing(query), 200) for name, query in FINE.items()),
    Probe("garbage where no argument is read", get(HEALTH + GARBAGE), 200),
    Probe("garbage for a probe", get("/livez" + GARBAGE), 200),
    Probe("garbage for the document", get("/api/openapi.json" + GARBAGE), 200),
    Probe("garbage where nothing is", get("/nothing" + GARBAGE), 404),
]
