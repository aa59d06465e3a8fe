"""From outside: clients that do not finish their requests do not block others."""

import http.client
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from urllib.parse import urlsplit

from ..client import ask, connection_to, exchange
from ..context import Context
from ..registry import check

HELD = 40  # connections; more than the threads of two workers by default
SECONDS = 5.0  # that /livez may take meanwhile


@check(
    "OUT008",
    "error",
    "Incomplete requests block the service",
    why="A few clients that send next to nothing can block all others; they need no credential.",
    remedy="""
        Serve with `uv run serve`, not with another server. Or put a proxy in front that buffers
        whole requests, and make the service reachable only through the proxy (nginx):
            proxy_request_buffering on;""",
    source="CWE-400; Slowloris",
    asks="url",
    alone=True,  # it could block the requests of other checks
)
def half_a_request(context: Context) -> Iterator[str]:
    """Whether /livez responds while other connections have sent half a header."""
    url = context.options.url
    ask(context, "/livez")
    with ExitStack() as stack:
        for _ in range(HELD):
            connection = stack.enter_context(closing(connection_to(url)))
            with suppress(OSError):
                connection.connect()
                connection.send(f"GET / HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nX-".encode())
        try:
            exchange(url, "/livez", "GET", {}, SECONDS)
        except (OSError, http.client.HTTPException):
            yield f"/livez does not respond while {HELD} clients have sent half a header."
