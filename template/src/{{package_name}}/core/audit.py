"""Audit: what happens to credentials and limits, to whom and from where (OWASP ASVS 16.3)."""

import structlog
from flask import has_request_context, request

from .auth.owner import verified_owner
from .middleware.proxies import client_network

_log = structlog.get_logger("audit")


def record(event: str, **members: str | None) -> None:
    """Write a line about a security event; in a request it names owner, if any, and client.

    Members must not hold what a client made up: a value of the request, or a secret.
    """
    if has_request_context():
        members["owner"] = verified_owner()
        members["client"] = client_network(request.remote_addr or "")
    _log.warning(event, **{name: value for name, value in members.items() if value is not None})
