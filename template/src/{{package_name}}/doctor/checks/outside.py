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
API_PAGE = "/api/docs"
CLOSED = ("/metrics", API_PAGE, "/console")


@check(
    "OUT001",
    "error",
    "The deployment does not respond",
    why="No client can use it. A 502 or 503 from the proxy means that it cannot reach the service.",
    remedy="""
        Check that the service runs, on the port that the proxy uses (PORT). To see why it does not:
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
        yield "/livez does not respond in time."
    except (OSError, http.client.HTTPException) as error:
        yield f"The connection fails, or is not HTTP ({type(error).__name__})."
    else:
        if status != 200:
            yield f"/livez returns {status}."


@check(
    "OUT002",
    "error",
    "A response reaches the client without a security header",
    why="Something between the service and its clients removes headers, or adds its own.",
    remedy="""
        Let the proxy pass on the service's headers, and hide its own version (nginx):
            server_tokens off;
            curl -si URL/livez""",
    source="OWASP ASVS 3.4, 13.4.6",
    asks="url",
)
def headers(context: Context) -> Iterator[str]:
    """The security headers of a 200, a 404 and a 405."""
    for path, method in (("/livez", "GET"), (nowhere(), "GET"), ("/livez", "DELETE")):
        reply = ask(context, path, method)
        yield from faults(f"The {reply.status} response to {method}", dict(reply.headers))


@check(
    "OUT003",
    "warning",
    "Requests for a foreign host name are accepted",
    why="Links and caches then use a Host that the client made up.",
    remedy="""
        Set TRUSTED_HOSTS to the host names that clients use:
            TRUSTED_HOSTS=api.example.com""",
    source="Django W020",
    asks="url",
)
def foreign_host(context: Context) -> Iterator[str]:
    """Whether /api/health is served under a Host that is not the deployment's."""
    if ask(context, "/api/health", Host=FOREIGN).status in (200, 503):
        yield "/api/health accepts a Host that is not yours."


@check(
    "OUT004",
    "error",
    "The connection is not securely encrypted",
    why="Credentials can be read in transit.",
    remedy="""
        Terminate TLS at the proxy, with a valid certificate for this name, renewed in time:
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
            yield "The URL is plain HTTP."
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
        yield "The TLS handshake fails."
        return
    except OSError:
        raise NotJudgedError from None
    finally:
        connection.close()
    if ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time() < EXPIRES_SOON:
        yield "The certificate expires within 14 days."


@check(
    "OUT005",
    "error",
    "A forged X-Forwarded-For is trusted",
    why="A client that sends another address with each request has no rate limit.",
    remedy="""
        Trust only the proxy's own network, and make the service reachable only through the proxy:
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
        yield "Each forged address has a rate limit of its own."


@check(
    "OUT006",
    "warning",
    "An error response is not a problem document",
    why="Clients cannot parse it, and error pages of the framework or the proxy reveal what runs.",
    remedy="""
        Let the proxy pass on the service's error responses (nginx):
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
            yield f"The {reply.status} response to {method} is not a problem document."


def _is_json(body: bytes) -> bool:
    try:
        return "status" in json.loads(body)
    except (ValueError, TypeError):
        return False


@check(
    "OUT007",
    "warning",
    "Internal endpoints are public",
    why="Metrics and consoles show strangers what runs, its load and where it is weak.",
    remedy="""
        Block these paths at the proxy, or allow them only from your own network (nginx):
            location = /metrics { allow 10.0.0.0/8; deny all; }""",
    source="OWASP ASVS 13.4.5",
    asks="url",
)
def inside(context: Context) -> Iterator[str]:
    """Whether /metrics, /api/docs (unless API_DOCS_ENABLED is true) and Flask's console are open."""
    settings = context.found_settings
    serves_page = settings is not None and settings.api_docs_enabled
    for path in CLOSED:
        is_meant = path == API_PAGE and serves_page
        if not is_meant and ask(context, path).status == 200:
            yield f"{path} is public."
