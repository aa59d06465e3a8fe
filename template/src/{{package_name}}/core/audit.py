"""Audit log: events about credentials and limits, with owner and client (OWASP ASVS 16.3)."""

import structlog
from flask import has_request_context, request

from .auth.owner import verified_owner
from .middleware.proxies import client_network

_log = structlog.get_logger("audit")


def record(event: str, **members: str | None) -> None:
    """Log a security event; in a request, with the owner, if any, and the client.

    Members must not contain what the client controls, such as request values, or secrets.
    """
    if has_request_context():
        members["owner"] = verified_owner()
        members["client"] = client_network(request.remote_addr or "")
    _log.warning(event, **{name: value for name, value in members.items() if value is not None})
