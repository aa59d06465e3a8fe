"""Owners: no route lets a caller read, change or delete another owner's rows."""

import re
from collections.abc import Iterator
from typing import Any

import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import Phase, find, settings

from ...support.routes import declared, description


def operations(api: schemathesis.BaseSchema, method: str = "") -> Iterator[tuple[str, str]]:
    """The path and method of each operation that is not public."""
    for path, described in api.raw_schema["paths"].items():
        for name, operation in described.items():
            if name != "parameters" and operation.get("security") != [] and method in name.upper():
                yield path, name.upper()


def lists(api: schemathesis.BaseSchema, client: FlaskClient) -> dict[str, Any]:
    """The response of each route without an ID to this caller."""
    paths = [path for path, _ in operations(api, "GET") if "{" not in path]
    return {path: client.get(path).get_json() for path in paths}


def creates(api: schemathesis.BaseSchema, path: str) -> bool:
    """Whether POST to this path creates a row without needing another row."""
    return "{" not in path and "201" in api.raw_schema["paths"][path]["post"]["responses"]


def valid_body(api: schemathesis.BaseSchema, path: str, method: str) -> Any:
    """A valid body for the operation, always the same; None if it takes no body."""
    operation = api[path][method]
    if not operation.body:
        return None
    first = settings(phases=[Phase.generate], derandomize=True)
    return find(operation.as_strategy(), lambda case: True, settings=first).body


def test_no_route_gives_access_to_another_owners_row(
    app: Flask, caller: FlaskClient, other: FlaskClient
) -> None:
    api, routes = description(app), declared(app)
    nothing = lists(api, other)
    for collection in [path for path, _ in operations(api, "POST") if creates(api, path)]:
        created = caller.post(collection, json=valid_body(api, collection, "POST"))
        assert created.status_code == 201, collection
        before = lists(api, caller), caller.get(created.location).get_json()
        for path, method in operations(api):
            ours = re.sub(rf"^{re.escape(collection)}/{{\w+}}", created.location, path)
            if ours == path or "owner" in routes[path, method].exempt:
                continue
            asked = re.sub(r"{\w+}", "1", ours)
            headers = {"If-Match": created.headers.get("ETag", "*")}
            sent = valid_body(api, path, method)
            answer = other.open(asked, method=method, json=sent, headers=headers)
            assert answer.status_code == 404, (
                f"{method} {path} returns {answer.status_code} for another owner's row: filter by"
                " `current_owner()`, or declare the reason with"
                ' `@blueprint.declare(exempt={"owner": "..."})`.'
            )
        assert (lists(api, caller), caller.get(created.location).get_json()) == before
        assert lists(api, other) == nothing
