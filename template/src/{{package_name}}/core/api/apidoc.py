"""What flask-smorest knows of a view, in its attribute `_apidoc`.

The library has no public way to read it, or to add a parameter to those of a view's schemas. The
price: a release that keeps it elsewhere fails `tests/core/api/test_blueprint.py`.
"""

from collections.abc import Callable
from typing import Any

View = Callable[..., Any]


def argument_schemas(view: View) -> list[tuple[str, Any]]:
    """The places in the request that the view reads by schemas, and the schemas."""
    parameters = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    return [(parameter["in"], parameter.get("schema")) for parameter in parameters]


def add_parameters(view: View, parameters: list[dict[str, Any]]) -> None:
    """Describe further parameters of a view that a decorator of the library has returned."""
    described: dict[str, Any] = {**getattr(view, "_apidoc", {})}
    arguments = described.get("arguments", {})
    known = arguments.get("parameters", [])
    described["arguments"] = {**arguments, "parameters": [*known, *parameters]}
    view.__dict__["_apidoc"] = described


def describe_etag(view: View) -> None:
    """Describe the headers of an ETag, as the library's own `etag` does."""
    view.__dict__["_apidoc"] = {**getattr(view, "_apidoc", {}), "etag": True}
