"""Security headers that every response must have, checked in the process and from outside."""

import re
from collections.abc import Iterator, Mapping

# Not the service's own list, so that a change to that one is found.
EXPECTED = {
    "X-Content-Type-Options": r"nosniff",
    "Content-Security-Policy": r"(?=.*default-src 'none')(?=.*frame-ancestors 'none').*",
    "X-Frame-Options": r"DENY",
    "Referrer-Policy": r"no-referrer",
    "Cross-Origin-Resource-Policy": r"same-origin",
    "Strict-Transport-Security": r"(?=.*includeSubDomains).*max-age=(3[2-9]|[4-9]\d|\d{3})\d{6}.*",
    "Cache-Control": r".*no-store.*",
}
DISCLOSING = ("Server", "X-Powered-By")


def faults(where: str, headers: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the headers of a response."""
    headers = {name.lower(): value for name, value in headers.items()}
    for name, pattern in EXPECTED.items():
        value = headers.get(name.lower())
        if value is None:
            yield f"{where} has no {name}."
        elif not re.fullmatch(pattern, value):
            yield f"{where} has a weak {name}."
    for name in DISCLOSING:
        if re.search(r"\d", headers.get(name.lower(), "")):
            yield f"{where} reveals a version in {name}."
