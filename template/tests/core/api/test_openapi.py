"""OpenAPI: the document is valid and lists every response that its routes can give."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from openapi_spec_validator import OpenAPIV31SpecValidator

from ...conftest import MakeApp
from ...support.apps import bare_app
from ...support.service import IDEMPOTENCY_KEY, Blueprint, openapi

EVERY = {400, 500, 503}
BODY = {413, 415, 422}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class ThingSchema(Schema):
    """A thing."""

    name = fields.String(required=True)


def things_app(*, asks_for_bearer: bool) -> Flask:
    """A bare application with one route of each kind."""
    app = bare_app()
    api = openapi.init_app(app)
    things = Blueprint("things", __name__, url_prefix="/things")

    @things.route("")
    @things.arguments(ThingSchema(), location="query")
    @things.response(200, ThingSchema(many=True))
    def list_things(arguments: dict[str, Any]) -> Response:
        """List things"""
        return Response()

    @things.route("", methods=["POST"])
    @things.doc(parameters=[IDEMPOTENCY_KEY])
    @things.arguments(ThingSchema())
    @things.response(201, ThingSchema())
    def create_thing(values: dict[str, Any]) -> Response:
        """Create a thing"""
        return Response(status=201)

    @things.route("/<id:number>", methods=["DELETE"])
    @things.etag
    @things.response(204)
    def delete_thing(number: int) -> Response:
        """Delete a thing"""
        return Response(status=204)

    public = Blueprint("public", __name__, url_prefix="/public", public=True)

    @public.route("")
    @public.response(200, ThingSchema())
    def look() -> Response:
        """Look"""
        return Response()

    if asks_for_bearer:
        api.require_bearer("A key.")
    api.register_blueprint(things)
    api.register_blueprint(public)
    return app


def test_openapi_document_can_be_disabled(make_app: MakeApp) -> None:
    assert make_app().test_client().get("/api/openapi.json").status_code == 200
    app = make_app(openapi_enabled=False)
    assert app.test_client().get("/api/openapi.json").status_code == 404


def document_of(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    document: dict[str, Any] = answer.get_json()
    return document


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    ]


def refusals(operation: dict[str, Any]) -> dict[int, Any]:
    return {
        int(status): described
        for status, described in operation["responses"].items()
        if int(status) >= 400
    }


def test_document_with_every_kind_of_route_is_valid() -> None:
    document = document_of(things_app(asks_for_bearer=True).test_client())
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_unused_schemas_of_the_service_are_dropped() -> None:
    schemas = document_of(things_app(asks_for_bearer=True).test_client())["components"]["schemas"]
    assert set(schemas) == {"Thing", "Problem"}


def test_schemas_of_owners_are_kept_whatever_they_contain() -> None:
    app = bare_app()
    api = openapi.init_app(app)
    things = Blueprint("things", __name__, url_prefix="/things")
    price = fields.Decimal(load_default=Decimal("1.5"), metadata={"example": dt.date(2026, 1, 1)})
    kind = {"description": "See #/components/schemas/JSONObject/properties/none."}

    @things.route("", methods=["POST"])
    @things.arguments(Schema.from_dict({"price": price}, name="Größe"))
    @things.response(204)
    def create_thing(values: dict[str, Any]) -> None:
        """Create a thing"""

    api.register_blueprint(things)
    api.spec.components.schema("Event", kind)
    schemas = document_of(app.test_client())["components"]["schemas"]
    assert set(schemas) == {"Größe", "Event", "Problem"}


def test_servers_are_below_the_path_prefix_of_a_proxy(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.json", environ_overrides={"SCRIPT_NAME": "/prefix"})
    assert answer.get_json()["servers"] == [{"url": "/prefix"}]
    assert document_of(client)["servers"] == [{"url": "/"}]


def test_if_match_is_described_with_an_example() -> None:
    document = document_of(things_app(asks_for_bearer=True).test_client())
    assert document["components"]["parameters"]["IF_MATCH"]["example"] == '"1"'


def test_service_document_is_public_and_valid(client: FlaskClient) -> None:
    document = document_of(client)
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()
    assert {"/livez", "/readyz", "/api/health"} <= set(document["paths"])


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        ("GET /things", EVERY | {401, 422, 429}),
        ("POST /things", EVERY | BODY | {401, 409, 429}),
        ("DELETE /things/{number}", EVERY | {401, 404, 412, 428, 429}),
        ("GET /public", EVERY | {429}),
    ],
)
def test_operation_documents_exactly_its_possible_errors(
    operation: str, statuses: set[int]
) -> None:
    found = dict(operations(document_of(things_app(asks_for_bearer=True).test_client())))
    assert set(refusals(found[operation])) - {403, 411} == statuses
    found = dict(operations(document_of(things_app(asks_for_bearer=False).test_client())))
    assert set(refusals(found[operation])) - {403, 411} == statuses - {401}


def test_every_service_operation_documents_its_errors(client: FlaskClient) -> None:
    document = document_of(client)
    for name, operation in operations(document):
        statuses = set(refusals(operation))
        security = operation.get("security", document.get("security"))
        assert statuses >= EVERY, name
        assert (401 in statuses) == bool(security), name
        assert (429 in statuses) == ("health" not in operation["tags"]), name
        assert statuses >= BODY or "requestBody" not in operation, name
        assert operation["summary"], name


def test_documented_errors_are_problems_except_the_health_report(
    client: FlaskClient,
) -> None:
    document = document_of(client)
    found = {
        (name, status): described["content"]
        for name, operation in operations(document)
        for status, described in refusals(operation).items()
    }
    report = found.pop(("GET /api/health", 503))
    assert report["application/json"]["schema"]["$ref"].endswith("/HealthOut")
    assert all(content == PROBLEM for content in found.values())
    assert document["components"]["schemas"]["Problem"]["required"]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/api/health"])
def test_public_operation_requires_no_credential(client: FlaskClient, path: str) -> None:
    assert document_of(client)["paths"][path]["get"]["security"] == []


def test_credential_is_documented_as_bearer_authentication() -> None:
    document = document_of(things_app(asks_for_bearer=True).test_client())
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "security" not in document["paths"]["/things"]["get"]


def test_views_with_the_same_name_get_unique_operation_ids() -> None:
    app = bare_app()
    api = openapi.init_app(app)
    for name in ("cats", "dogs"):
        blueprint = Blueprint(name, __name__, url_prefix=f"/{name}")
        blueprint.route("")(blueprint.response(200)(feed))
        api.register_blueprint(blueprint)
    assert {operation["operationId"] for _, operation in operations(api.document)} == {
        "cats_feed",
        "dogs_feed",
    }


def feed() -> Response:
    """Feed"""
    return Response()
