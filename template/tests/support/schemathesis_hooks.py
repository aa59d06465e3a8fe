"""Schemathesis hooks: what it cannot know from the OpenAPI document."""

import re
import uuid
from typing import Any

import schemathesis


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Give each call its own Idempotency-Key: a reused key is a conflict even if valid."""
    key = (case.headers or {}).get("Idempotency-Key")
    if key and re.fullmatch("[!-~]{1,255}", str(key)):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Link responses that carry an ETag to the changes that require it.

    Schemathesis then calls these changes, after the operation that provides the ETag.
    """
    paths = raw_schema["paths"]
    for path, operations in paths.items():
        collection, _, last = path.rpartition("/")
        if not last.startswith("{"):
            continue
        name = last.strip("{}")
        changes = [operations[method] for method in ("patch", "delete") if method in operations]
        link(paths.get(collection, {}).get("post"), changes, {name: "$response.body#/id"})
        for method in ("get", "patch"):
            link(operations.get(method), changes, {name: f"$request.path.{name}"})
        below = [paths[other] for other in paths if other.startswith(f"{path}/")]
        parts = [part[method] for part in below for method in ("get", "post") if method in part]
        link(paths.get(collection, {}).get("post"), parts, {name: "$response.body#/id"})


def link(source: Any, targets: list[Any], path: dict[str, str]) -> None:
    """Link the successful responses of `source`, if it exists, to the targets."""
    parameters = {f"path.{name}": value for name, value in path.items()}
    parameters["header.If-Match"] = "$response.header.ETag"
    for status in {"200", "201"} & set(source["responses"] if source else ()):
        links = source["responses"][status].setdefault("links", {})
        for target in targets:
            links[target["operationId"]] = {
                "operationId": target["operationId"],
                "parameters": parameters,
            }
