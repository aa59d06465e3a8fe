"""Error responses of the server itself, for requests that do not reach the application.

They are problem details, like those of the application.
"""

import time
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import orjson
from gunicorn.http import errors

from ..errors import DETAILS
from ..logs import log_request
from ..middleware.headers import RESPONSE_HEADERS
from ..middleware.proxies import client_network
from ..service import EXTENSION, Service

STATUS: dict[type[Exception], int] = {
    errors.InvalidResponseHeader: 500,  # the application's fault
    errors.InvalidResponseHeaderName: 500,
    errors.LimitRequestLine: 414,
    errors.ExpectationFailed: 417,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
    errors.ParseException: 400,  # base class of the others
}


def status_of(error: BaseException) -> int:
    """Return the status for an exception of the parser or the application."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def refuse(status: int, started: float, client: Any, app: Any) -> bytes:
    """Log the request, and return a complete error response.

    The access log line has no method or route, since the request has no valid one. `started` is
    when the request began, by `time.monotonic`; `client` is the peer, as its socket names it. The
    rate limits of `app` count the request with the client's next one.
    """
    network = client_network(client[0] if isinstance(client, tuple) else "")
    # None if further middleware wraps the application
    service: Service | None = getattr(app, "extensions", {}).get(EXTENSION)
    if service and service.limits_requests and status < 500:
        service.uncounted.add(network)
    request_id, title = uuid4().hex, HTTPStatus(status).phrase
    members = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": DETAILS.get(status, f"{title}."),
        "request_id": request_id,
    }
    body = orjson.dumps(members)
    headers = [
        ("Date", formatdate(usegmt=True)),
        ("Connection", "close"),
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        *RESPONSE_HEADERS,
        ("X-Request-ID", request_id),
    ]
    duration = round((time.monotonic() - started) * 1000, 1)
    log_request(
        method="",
        route="unmatched",
        status=status,
        duration_ms=duration,
        request_id=request_id,
        client=network,
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} {title}\r\n{head}\r\n".encode() + body
