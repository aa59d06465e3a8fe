"""Components of the document: registers schemas that marshmallow cannot describe, drops unused ones."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .blueprint import IF_MATCH

OWN: dict[str, Any] = json.loads(Path(__file__).with_name("components.json").read_bytes())
DROPPED_IF_UNUSED = {*OWN, "PaginationMetadata"}  # the last one is flask-smorest's
SCHEMAS = "#/components/schemas/"


def register(spec: Any) -> None:
    """Register the schemas of `components.json` in an apispec `APISpec`."""
    for name, component in OWN.items():
        spec.components.schema(name, component)


def tidy(document: dict[str, Any]) -> None:
    """Drop unused components of this service and flask-smorest, and replace its If-Match."""
    components = document["components"]
    components.pop("responses", None)  # of flask-smorest, no longer referenced
    if "IF_MATCH" in components.get("parameters", {}):
        components["parameters"]["IF_MATCH"] = IF_MATCH
    schemas = components["schemas"]
    optional = {name: schemas.pop(name) for name in DROPPED_IF_UNUSED & schemas.keys()}
    pending = {*_referenced(document)}
    while used := pending & optional.keys():
        for name in sorted(used):
            schemas[name] = optional.pop(name)
            pending |= {*_referenced(schemas[name])}


def _referenced(part: Any) -> Iterator[str]:
    """Yield the names of the schemas that a part of the document references."""
    if isinstance(part, str) and part.startswith(SCHEMAS):
        yield part.removeprefix(SCHEMAS)
    elif isinstance(part, dict):
        for value in part.values():
            yield from _referenced(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _referenced(value)
