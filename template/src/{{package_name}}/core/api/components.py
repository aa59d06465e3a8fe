"""The document's shared components: those that marshmallow cannot describe, and only used ones."""

import json
import re
from pathlib import Path
from typing import Any

from .blueprint import IF_MATCH

FILE = Path(__file__).with_name("components.json")
_referenced_schemas = re.compile(r'"#/components/schemas/([^"]+)"').findall


def register(spec: Any) -> None:
    """Register the schemas of `components.json` in an apispec `APISpec`."""
    for name, component in json.loads(FILE.read_bytes()).items():
        spec.components.schema(name, component)


def tidy(document: dict[str, Any]) -> None:
    """Remove the components that nothing references, and describe If-Match better."""
    components = document["components"]
    components.pop("responses", None)  # of flask-smorest, no longer referenced
    if "IF_MATCH" in components.get("parameters", {}):
        components["parameters"]["IF_MATCH"] = IF_MATCH
    schemas = components.pop("schemas")
    used = _used(schemas, json.dumps(document))
    components["schemas"] = {name: schemas[name] for name in schemas if name in used}


def _used(schemas: dict[str, Any], rest: str) -> set[str]:
    """Return the names of the schemas that the rest of the document uses, also indirectly."""
    used: set[str] = set()
    pending = {*_referenced_schemas(rest)}
    while pending:
        name = pending.pop()
        used.add(name)
        pending |= {*_referenced_schemas(json.dumps(schemas[name]))} - used
    return used
