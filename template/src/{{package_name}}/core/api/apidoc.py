"""Access to what flask-smorest records about a view, in its `_apidoc` attribute.

flask-smorest has no public API to read it, or to add a parameter to those of a view's schemas. If a
release stores it elsewhere, `tests/core/api/test_blueprint.py` fails.
"""

from collections.abc import Callable
from typing import Any

View = Callable[..., Any]


def argument_schemas(view: View) -> list[tuple[str, Any]]:
    """Return (location, schema) for each part of the request that the view parses by a schema."""
    parameters = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    return [(parameter["in"], parameter.get("schema")) for parameter in parameters]


def add_parameters(view: View, parameters: list[dict[str, Any]]) -> None:
    """Document more parameters of a view that a flask-smorest decorator returned."""
    described: dict[str, Any] = {**getattr(view, "_apidoc", {})}
    arguments = described.get("arguments", {})
    known = arguments.get("parameters", [])
    new = [parameter for parameter in parameters if parameter not in known]
    described["arguments"] = {**arguments, "parameters": [*known, *new]}
    view.__dict__["_apidoc"] = described


def describe_etag(view: View) -> None:
    """Document the ETag headers, as flask-smorest's own `etag` does."""
    view.__dict__["_apidoc"] = {**getattr(view, "_apidoc", {}), "etag": True}
