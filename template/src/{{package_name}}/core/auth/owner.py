"""Owner: the verified identity of a request. Rows, rate limits and replays belong to it."""

from typing import cast

from flask import g, request

OWNER = "service.owner"  # key in the WSGI environ, for the access log
ANYBODY = "anybody"  # owns every row created without authentication


def set_owner(owner: str) -> None:
    """Record the verified owner of this request."""
    g.owner = request.environ[OWNER] = owner


def verified_owner() -> str | None:
    """Return the verified owner of this request; None if it has no valid credential."""
    return cast("str | None", g.get("owner"))


def current_owner() -> str:
    """Return the owner that this request's rows belong to."""
    return verified_owner() or ANYBODY
