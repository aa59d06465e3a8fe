"""Arguments: a validation error names the location and field, and never echoes the value."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient
from marshmallow import Schema, validate
from marshmallow import fields as basic

from ...support.apps import client_of, further_app
from ...support.service import Blueprint, fields, json_body

CANARY = "canary-of-a-value"


class Inner(Schema):
    count = fields.StrictInteger()


class Body(Schema):
    name = basic.String(validate=validate.Length(max=10))
    kind = basic.String(validate=validate.OneOf(["one", "other"]))
    count = fields.StrictInteger(validate=validate.Range(1, 100))
    inner = basic.Nested(Inner)
    many = basic.List(fields.StrictInteger())


class Query(Schema):
    page = fields.QueryInteger(load_default=1, validate=validate.Range(1, 100))
    kind = basic.String(validate=validate.OneOf(["one", "other"]))


@pytest.fixture(scope="module")
def take(shared_app: Flask, some_settings: dict[str, Any]) -> Iterator[FlaskClient]:
    """A client of an application with one route that takes a body and one that takes a query."""
    blueprint = Blueprint("takes", __name__)

    @blueprint.route("/body", methods=["POST"])
    @blueprint.arguments(Body())
    def post(body: dict[str, Any]) -> Response:
        return jsonify(body)

    @blueprint.route("/query")
    @blueprint.arguments(Query(), location="query")
    def search(query: dict[str, Any]) -> Response:
        return jsonify(query)

    with further_app(some_settings) as app:
        app.register_blueprint(blueprint)
        yield client_of(app)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (None, ""),
        ([], ""),
        ([{}], ""),
        (CANARY, ""),
        (17, ""),
        (True, ""),
        ({"unknown": CANARY}, "unknown"),
        ({"name": CANARY}, "name"),
        ({"name": [CANARY]}, "name"),
        ({"name": None}, "name"),
        ({"kind": CANARY}, "kind"),
        ({"count": CANARY}, "count"),
        ({"count": 101}, "count"),
        ({"inner": CANARY}, "inner"),
        ({"inner": {"count": CANARY}}, "inner.count"),
        ({"inner": {"other": CANARY}}, "inner.other"),
        ({"many": CANARY}, "many"),
        ({"many": [1, CANARY]}, "many.1"),
        ({"name": {"$gt": CANARY}}, "name"),
    ],
)
def test_invalid_value_is_reported_by_field_and_never_echoed(
    take: FlaskClient, body: Any, field: str
) -> None:
    answer = take.post("/body", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert set(error) == {"in", "field", "reason"}
    assert (error["in"], error["field"]) == ("body", field)
    assert error["reason"].endswith(".")
    assert CANARY not in answer.text


def test_all_invalid_fields_are_listed_up_to_a_limit(take: FlaskClient) -> None:
    answer = take.post("/body", json={"name": 1, "count": 0, "inner": {"count": True}})
    listed = [error["field"] for error in answer.get_json()["errors"]]
    assert sorted(listed) == ["count", "inner.count", "name"]
    answer = take.post("/body", json={f"unknown{number}": 1 for number in range(1000)})
    assert len(answer.get_json()["errors"]) == json_body.MAX_LISTED_ERRORS


def test_long_field_name_is_truncated_in_the_error(take: FlaskClient) -> None:
    (error,) = take.post("/body", json={"n" * 10_000: 1}).get_json()["errors"]
    assert error["field"] == "n" * 100


def test_body_that_is_not_json_is_rejected_before_validation(take: FlaskClient) -> None:
    assert (
        take.post("/body", data='{"name": NaN}', content_type="application/json").status_code == 400
    )
    assert take.post("/body", data={"name": "form"}).status_code == 415
    assert take.post("/body").status_code == 415


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=101", "page"),
        (f"page={CANARY}", "page"),
        ("page=", "page"),
        ("page=1_0", "page"),
        ("page=9223372036854775808", "page"),
        (f"kind={CANARY}", "kind"),
        (f"unknown={CANARY}", "unknown"),
        ("page=1&page=1", "page"),
        (f"other={CANARY}&other={CANARY}", "other"),
        ("PAGE=1", "PAGE"),
    ],
)
def test_invalid_query_argument_is_reported_by_name(
    take: FlaskClient, query: str, field: str
) -> None:
    answer = take.get(f"/query?{query}")
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert (error["in"], error["field"]) == ("query", field)
    assert CANARY not in answer.text


@pytest.mark.parametrize("query", ["kind=%00", "%00=1", "kind=one%00&page=2"])
def test_query_with_nul_characters_gets_400(take: FlaskClient, query: str) -> None:
    assert take.get(f"/query?{query}").status_code == 400


def test_valid_arguments_reach_the_view(take: FlaskClient) -> None:
    body = {"name": "x", "count": 100, "inner": {"count": -1}, "many": [1, 2]}
    assert take.post("/body", json=body).get_json() == body
    assert take.get("/query?page=7&kind=one").get_json() == {"page": 7, "kind": "one"}
    assert take.get("/query").get_json() == {"page": 1}
