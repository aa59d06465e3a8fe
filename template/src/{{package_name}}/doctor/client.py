"""HTTP client for a running deployment: anonymous requests, with the standard library only."""

import http.client
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from .context import Context, NotJudgedError

SECONDS = 3.0  # per request
BYTES = 65_536


@dataclass(frozen=True)
class Reply:
    """A response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def connection_to(url: str, seconds: float | None = None) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=SECONDS if seconds is None else seconds)


def ask(context: Context, path: str, method: str = "GET", **headers: str) -> Reply:
    """Send a request; raise NotJudgedError if it fails, which OUT001 and OUT004 report."""
    try:
        return exchange(context.options.url, path, method, headers)
    except (OSError, http.client.HTTPException):
        raise NotJudgedError from None


def exchange(
    url: str, path: str, method: str, headers: dict[str, str], seconds: float | None = None
) -> Reply:
    connection = connection_to(url, seconds)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, urlsplit(url).path + path, headers=named)
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read(BYTES))
    finally:
        connection.close()


def nowhere() -> str:
    return f"/doctor/{secrets.token_hex(8)}"
