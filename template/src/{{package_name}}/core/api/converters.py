"""Converters: `<id:name>` in a route is the id of a row."""

from typing import Any

from werkzeug.routing import IntegerConverter

NAME = "id"
LARGEST = 2**31 - 1  # of an INTEGER column


class IdConverter(IntegerConverter):
    """ASCII digits. An id that no column can hold is read as 0, which never exists."""

    regex = "[0-9]+"  # Werkzeug's own also accepts the digits of other scripts

    def to_python(self, value: str) -> int:
        # With Werkzeug's own `max`, each method but the first of a path would be a 405.
        number: int = super().to_python(value)
        return number if number <= LARGEST else 0


def described(_: Any) -> dict[str, Any]:
    """The parameter in the OpenAPI document."""
    return {"type": "integer", "minimum": 0}
