"""Host check: reject requests for hosts other than TRUSTED_HOSTS, before anything else in Flask.

The client chooses the Host header, so a link or a cache key built from it can be forged (OWASP ASVS
4.1).
"""

import re

from flask import Flask, request

from ...settings import Settings
from ..errors import ProblemError

PROBES = ("/livez", "/readyz")  # an orchestrator calls them by IP address

_host_and_port = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(:[0-9]*)?").fullmatch


def init_app(app: Flask, settings: Settings) -> None:
    """Reject requests for hosts other than TRUSTED_HOSTS and, with REQUIRE_HTTPS, plain HTTP."""
    trusted = [host.lower() for host in settings.trusted_hosts]

    @app.before_request
    def check_host() -> None:
        host = request.environ.get("HTTP_HOST", "").lower()
        _check_syntax(host)
        if request.path.rstrip("/") in PROBES and request.environ["PATH_INFO"] not in PROBES:
            raise ProblemError(404)  # a proxy's rule for the probe's path would not match this
        if request.path in PROBES:
            return
        if trusted and not _is_trusted(host, trusted):
            raise ProblemError(400, "The Host header does not name a host of this service.")
        if settings.require_https and not request.is_secure:
            raise ProblemError(403, "Use HTTPS.")


def _check_syntax(host: str) -> None:
    """Require one valid host, repeated in a target that is an absolute URL (RFC 9112, 3.2)."""
    if not _host_and_port(host) and (host or request.environ["SERVER_PROTOCOL"] == "HTTP/1.1"):
        raise ProblemError(400, "The Host header is missing or invalid.")
    target = request.environ.get("RAW_URI", "/").lower()
    absolute = rf"https?://{re.escape(host)}([/?#]|\Z)"
    if target[:1] not in "/*" and not re.match(absolute, target):
        raise ProblemError(400, "The request target does not match the Host header.")


def _is_trusted(host: str, trusted: list[str]) -> bool:
    """Return whether the Host header matches one of `trusted`, whatever its port."""
    parts = _host_and_port(host)
    return parts is not None and any(
        parts[1] == allowed or (allowed.startswith(".") and parts[1].endswith(allowed))
        for allowed in trusted
    )
