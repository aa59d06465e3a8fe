"""Who asks: set once a credential is verified; rows, limits and replays belong to it."""

from typing import cast

from flask import g, request

OWNER = "service.owner"  # in the environment of a request, for its access line
ANYBODY = "anybody"  # owns every row where nobody is asked for an identity


def set_owner(owner: str) -> None:
    """Note the verified owner of this request."""
    g.owner = request.environ[OWNER] = owner


def verified_owner() -> str | None:
    """The verified owner of this request; None where there is no valid credential."""
    return cast("str | None", g.get("owner"))


def current_owner() -> str:
    """The owner that this request's rows belong to."""
    return verified_owner() or ANYBODY
