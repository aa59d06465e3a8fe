"""Paths: traversal, odd encodings and invalid IDs get 404, never a redirect."""

from .probe import EXPERIMENTS, HEALTH, JSON, Probe, experiment, get, http, words

NOWHERE = [
    *words(
        """
        / // /nothing /static/x /.env /.git/config /wsgi.py /console /%00 /% /%zz /%u0041 /~root
        /* /../../etc/passwd /..%2f..%2fetc%2fpasswd /%2e%2e/%2e%2e/etc/passwd
        /..%c0%af..%c0%afetc/passwd
        /..\\..\\windows\\win.ini /..%5c..%5cwindows /....//....//etc/passwd /%252e%252e/etc/passwd
        /livez/../nothing /api/./health /api/x/../health /api//health /api/health// /\\evil.example
        //evil.example/livez //evil.example//.. /%2f%2fevil.example /%5cevil.example
        /%0d%0aX-Injected:%20x /%0alevel=error /livez%00 /livez%00.html /livez%20 /livez. /livez;a=b
        /livez%3fa=b /LIVEZ /API/health /%EF%BC%8Flivez /%ED%A0%80 /%F4%90%80%80 /{{7*7}}
        /'%20OR%201=1-- /<script>alert(1)</script>
        """
    ),
    "/" + "a" * 4000,
    "/" + "%00" * 1000,
    "/" + "../" * 1000,
    "/" + "/" * 3000,
]
NO_IDS = words(
    """
    0 -1 +1 -0 %2B1 1.0 1e3 0x1 1_0 1,2 %201 1%20 1%0a 1;2 2147483647 2147483648 4294967297
    9223372036854775808 NaN null %00 1%00 %C2%B2 %E2%85%A0 * %25 ' 1'-- 1%20OR%201=1 .. . ~ 1/x 1//
    /1 x/1 %2f1 %ff None {id} [1] 1.json 1a
    """
)
SAME = (
    *(f"{HEALTH}/", f"{HEALTH}?", "/api%2fhealth", f"/{HEALTH}"),  # WSGI decodes paths
    *(f"{EXPERIMENTS}/", f"{EXPERIMENTS}?", "/%61pi/health"),
    *("{item}/", "{item}?", "{item}#x"),
)

PROBES = [
    *(Probe(f"{path:.60} ({len(path)})", get(path), 404) for path in NOWHERE),
    *(Probe(f"the id {name}", get(f"{EXPERIMENTS}/{name}"), 404) for name in NO_IDS),
    *(Probe(f"the same as {path}", get(path), 200) for path in SAME),
    *(
        Probe(
            f"{method} of the id {beyond}",
            http(method, f"{EXPERIMENTS}/{beyond}", JSON, "If-Match: *", body="{}"),
            404,
        )
        for method in ("PATCH", "DELETE")
        for beyond in (2**31, 2**63, "9" * 18)
    ),
    Probe("an id of 3,000 digits", get(f"{EXPERIMENTS}/{'9' * 3000}"), 404),
    Probe("an id in foreign digits", get("{foreign-digits}"), 404),
    Probe("an id and a line break", get("{item}%0a"), 404),
    Probe("an id and NUL", get("{item}%00"), 404),
    Probe("an id and a space", get("{item}%20"), 404),
    Probe("a part of an item", get("{item}/name"), 404),
    Probe("a creation elsewhere", http("POST", "/api//v1/experiments", JSON, body="{}"), 404),
    Probe(
        "a creation with a slash at the end",
        http("POST", f"{EXPERIMENTS}/", JSON, body=experiment()),
        201,
    ),
    Probe("a deletion of nothing", http("DELETE", f"{EXPERIMENTS}/0", "If-Match: *"), 404),
    Probe(
        "a change of nothing",
        http("PATCH", f"{EXPERIMENTS}/2147483647", JSON, "If-Match: *", body="{}"),
        404,
    ),
]
