"""URL converters: `<id:name>` in a route matches the ID of a row."""

from typing import Any

from werkzeug.routing import IntegerConverter

NAME = "id"
LARGEST = 2**31 - 1  # the maximum of an INTEGER column


class IdConverter(IntegerConverter):
    """Matches ASCII digits. IDs that do not fit the column are read as 0, which never exists."""

    regex = "[0-9]+"  # Werkzeug's default also accepts digits of other scripts

    def to_python(self, value: str) -> int:
        # With Werkzeug's own `max`, every method of a path but the first would get a 405.
        number: int = super().to_python(value)
        return number if number <= LARGEST else 0


def described(_: Any) -> dict[str, Any]:
    """Describe the parameter in the OpenAPI document."""
    return {"type": "integer", "minimum": 0, "example": 1}
