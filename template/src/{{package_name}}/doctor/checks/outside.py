"""From outside: how a running deployment responds to fifteen anonymous requests."""

import http.client
import json
import secrets
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...core.middleware.proxies import parse_address
from ..client import ask, connection_to, exchange, nowhere
from ..context import Context, NotJudgedError
from ..headers import faults
from ..registry import check

EXPIRES_SOON = 14 * 86_400  # seconds
FOREIGN = "doctor.invalid"
CLOSED = ("/metrics", "/api/docs", "/console")


@check(
    "OUT001",
    "error",
    "The deployment does not answer",
    why="Nobody can use it. A 502 or 503 of the proxy's means that it does not reach the service.",
    remedy="""
        Look whether the service runs, at the port that the proxy asks (PORT), and why it does not:
            uv run flask doctor --deploy --live""",
    asks="url",
)
def alive(context: Context) -> Iterator[str]:
    """Whether GET /livez returns 200."""
    try:
        status = exchange(context.options.url, "/livez", "GET", {}).status
    except ssl.SSLError:
        raise NotJudgedError from None
    except TimeoutError:
        yield "It does not answer in time."
    except (OSError, http.client.HTTPException) as error:
        yield f"There is no connection, or no HTTP ({type(error).__name__})."
    else:
        if status != 200:
            yield f"/livez answers {status}."


@check(
    "OUT002",
    "error",
    "An answer lacks a security header outside",
    why="Something between the service and its clients takes headers away, or adds its own.",
    remedy="""
        Let the proxy pass the service's headers on, and hide its version (nginx):
            server_tokens off;
            curl -si URL/livez""",
    source="OWASP ASVS 3.4, 13.4.6",
    asks="url",
)
def headers(context: Context) -> Iterator[str]:
    """The security headers of a 200, a 404 and a 405."""
    for path, method in (("/livez", "GET"), (nowhere(), "GET"), ("/livez", "DELETE")):
        reply = ask(context, path, method)
        yield from faults(f"The {reply.status} to {method}", dict(reply.headers))


@check(
    "OUT003",
    "warning",
    "A foreign host name is served",
    why="Links and caches take the Host that a client made up.",
    remedy="""
        Name the hosts that clients use:
            TRUSTED_HOSTS=api.example.com""",
    source="Django W020",
    asks="url",
)
def foreign_host(context: Context) -> Iterator[str]:
    """Whether /api/health is served under a Host that is not the deployment's."""
    if ask(context, "/api/health", Host=FOREIGN).status in (200, 503):
        yield "A Host that is not yours is answered."


@check(
    "OUT004",
    "error",
    "The connection is not safely encrypted",
    why="Credentials can be read on their way.",
    remedy="""
        End TLS at the proxy, with a valid certificate for this name, renewed in time:
            certbot renew""",
    source="OWASP ASVS 12.1, 12.2",
    asks="url",
)
def encryption(context: Context) -> Iterator[str]:
    """HTTPS, the certificate and when it expires; plain HTTP is allowed for this machine only."""
    parts = urlsplit(context.options.url)
    if parts.scheme == "http":
        address = parse_address(parts.hostname or "")
        if parts.hostname != "localhost" and not (address and address.is_loopback):
            yield "It is plain HTTP."
        return
    connection = connection_to(context.options.url)
    try:
        connection.connect()
        assert isinstance(connection.sock, ssl.SSLSocket)  # noqa: S101
        certificate = connection.sock.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        yield f"The certificate is not valid: {error.verify_message}."
        return
    except ssl.SSLError:
        yield "No encrypted connection can be agreed on."
        return
    except OSError:
        raise NotJudgedError from None
    finally:
        connection.close()
    if ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time() < EXPIRES_SOON:
        yield "The certificate ends within 14 days."


@check(
    "OUT005",
    "error",
    "A forged X-Forwarded-For is believed",
    why="Whoever writes another address into each request has no limit.",
    remedy="""
        Name the proxy's own network alone, and let nobody reach the service around it:
            TRUSTED_PROXIES=10.0.0.0/24""",
    source="OWASP ASVS 4.1.3; API4:2023",
    asks="url",
)
def forged_address(context: Context) -> Iterator[str]:
    """Whether RateLimit-Remaining decreases while the address in X-Forwarded-For changes."""
    left = []
    first = secrets.randbelow(250)
    for number in range(first, first + 3):
        reply = ask(context, nowhere(), X_Forwarded_For=f"198.51.100.{number}")
        if "RateLimit-Remaining" not in reply.headers:
            raise NotJudgedError
        left.append(int(reply.headers["RateLimit-Remaining"]))
    if left[0] <= left[1] <= left[2] and left[2] > 0:
        yield "Each made-up address is counted by itself."


@check(
    "OUT006",
    "warning",
    "An error is not a problem document",
    why="Clients cannot read it, and a page of the framework's or the proxy's tells what runs there.",
    remedy="""
        Let the proxy pass the service's errors on (nginx):
            proxy_intercept_errors off;""",
    source="OWASP ASVS 16.5.1; RFC 9457",
    asks="url",
)
def error_shapes(context: Context) -> Iterator[str]:
    """Whether a 404, a 405 and the response to an undecodable path are problem documents."""
    for path, method in ((nowhere(), "GET"), ("/livez", "DELETE"), ("/%ff%00", "GET")):
        reply = ask(context, path, method)
        kind = reply.headers.get("Content-Type", "").partition(";")[0]
        if reply.status < 400 or kind != "application/problem+json" or not _is_json(reply.body):
            yield f"The {reply.status} to {method} is of another shape."


def _is_json(body: bytes) -> bool:
    try:
        return "status" in json.loads(body)
    except (ValueError, TypeError):
        return False


@check(
    "OUT007",
    "warning",
    "What is meant for inside is open",
    why="Metrics and consoles tell strangers what runs, how much, and where it is weak.",
    remedy="""
        Close these paths at the proxy, or open them to your own network alone (nginx):
            location = /metrics { allow 10.0.0.0/8; deny all; }""",
    source="OWASP ASVS 13.4.5",
    asks="url",
)
def inside(context: Context) -> Iterator[str]:
    """Whether /metrics, /api/docs and Flask's console are open."""
    for path in CLOSED:
        if ask(context, path).status == 200:
            yield f"{path} is open."
