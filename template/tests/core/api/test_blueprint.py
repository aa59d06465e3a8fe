"""Blueprint: routes written as in flask-smorest's documentation, as functions and as classes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.views import MethodView
from marshmallow import Schema, fields
from openapi_spec_validator import OpenAPIV31SpecValidator

from ...support.apps import bare_app
from ...support.service import Blueprint, openapi


class PetSchema(Schema):
    """A pet."""

    name = fields.String(required=True)


class PetQuery(Schema):
    """Filters for a list of pets."""

    name = fields.String()


@dataclass
class Pet:
    name: str
    version: int = 1


MOOD = {"name": "X-Mood", "in": "header", "schema": {"type": "string"}}
PETS = [Pet("Rex"), Pet("Tom")]

pets = Blueprint("pets", "pets", url_prefix="/pets", description="Operations on pets")


@pets.route("/")
class Pets(MethodView):
    """All pets."""

    @pets.arguments(PetQuery, location="query")
    @pets.response(200, PetSchema(many=True))
    def get(self, arguments: dict[str, Any]) -> list[Pet]:
        """List pets"""
        return [pet for pet in PETS if arguments.get("name", pet.name) == pet.name]

    @pets.arguments(PetSchema)
    @pets.response(201, PetSchema)
    def post(self, values: dict[str, Any]) -> tuple[Pet, dict[str, str]]:
        """Add a pet"""
        return Pet(**values), {"Location": f"/pets/{len(PETS)}"}


@pets.route("/<id:pet_id>")
@pets.etag
@pets.response(200, PetSchema)
@pets.alt_response(404, description="There is no such pet.")
def get_pet(pet_id: int) -> Pet:
    """Get a pet"""
    pets.set_etag(PETS[pet_id])
    return PETS[pet_id]


@pets.route("/<id:pet_id>", methods=["DELETE"])
@pets.etag
@pets.response(204)
def delete_pet(pet_id: int) -> None:
    """Delete a pet"""
    pets.check_etag(PETS[pet_id])


@pets.route("/search")
@pets.doc(parameters=[MOOD])
@pets.doc(parameters=[MOOD])
@pets.arguments(PetQuery, location="query")
@pets.response(200, PetSchema(many=True))
def search_pets(arguments: dict[str, Any]) -> list[Pet]:
    """Search pets"""
    return PETS


@pets.route("/first")
@pets.etag
class First(MethodView):
    """The first pet."""

    @pets.response(200, PetSchema)
    def get(self) -> tuple[Pet, dict[str, str]]:
        """Get the first pet"""
        pets.set_etag(PETS[0])
        return PETS[0], {"Cache-Control": "private", "X-Mood": "good"}

    @pets.response(200, PetSchema)
    def put(self) -> Pet:
        """Replace the first pet"""
        pets.check_etag(PETS[0])
        return PETS[0]

    @pets.response(200, PetSchema)
    def patch(self) -> Pet:
        """Forget to check the version"""
        return PETS[0]


@pytest.fixture(scope="module")
def app() -> Flask:
    app = bare_app()
    openapi.init_app(app).register_blueprint(pets)
    return app


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


@pytest.fixture(scope="module")
def paths(app: Flask) -> dict[str, Any]:
    """The paths of the OpenAPI document."""
    document = app.test_client().get("/api/openapi.json").get_json()
    OpenAPIV31SpecValidator(document).validate()
    found: dict[str, Any] = document["paths"]
    return found


def test_return_value_of_a_view_is_serialized(client: FlaskClient) -> None:
    assert client.get("/pets/").get_json() == [{"name": "Rex"}, {"name": "Tom"}]
    assert client.get("/pets/1").get_json() == {"name": "Tom"}


def test_arguments_are_parsed(client: FlaskClient) -> None:
    assert client.get("/pets/?name=Tom").get_json() == [{"name": "Tom"}]
    answer = client.post("/pets/", json={"name": "Kim"})
    assert (answer.status_code, answer.get_json()) == (201, {"name": "Kim"})
    assert answer.headers["Location"] == "/pets/2"


@pytest.mark.parametrize(
    ("path", "options"), [("/pets/?colour=red", {}), ("/pets/", {"json": {"colour": "red"}})]
)
def test_unknown_arguments_are_rejected(
    client: FlaskClient, path: str, options: dict[str, Any]
) -> None:
    answer = client.open(path, method="POST" if options else "GET", **options)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")


def test_view_that_returns_none_sends_no_body(client: FlaskClient) -> None:
    answer = client.delete("/pets/1", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers


def test_methods_of_a_method_view_become_operations(paths: dict[str, Any]) -> None:
    operations = paths["/pets/"]
    assert operations["get"]["operationId"] == "get_Pets"
    assert operations["post"]["operationId"] == "post_Pets"
    assert operations["get"]["summary"] == "List pets"
    assert operations["get"]["tags"] == ["pets"]
    assert operations["post"]["requestBody"]["required"]
    assert "422" in operations["post"]["responses"]


def test_alternative_error_response_is_documented_as_a_problem(paths: dict[str, Any]) -> None:
    described = paths["/pets/{pet_id}"]["get"]["responses"]["404"]
    assert described["description"] == "There is no such pet."
    assert list(described["content"]) == ["application/problem+json"]


def test_etag_headers_are_documented(paths: dict[str, Any]) -> None:
    get, delete = (paths["/pets/{pet_id}"][method] for method in ("get", "delete"))
    assert {"$ref": "#/components/parameters/IF_NONE_MATCH"} in get["parameters"]
    assert "304" in get["responses"]
    assert get["responses"]["200"]["headers"]["ETag"]
    assert {"$ref": "#/components/parameters/IF_MATCH"} in delete["parameters"]
    assert {"412", "428"} <= delete["responses"].keys()


def test_id_is_described_as_an_integer(paths: dict[str, Any]) -> None:
    (parameter,) = paths["/pets/{pet_id}"]["parameters"]
    assert parameter["schema"] == {"type": "integer", "minimum": 0, "example": 1}


def test_doc_parameters_are_added_to_declared_arguments(paths: dict[str, Any]) -> None:
    names = [parameter.get("name") for parameter in paths["/pets/search"]["get"]["parameters"]]
    assert sorted(names) == ["X-Mood", "name"]


def test_etag_decorates_every_method_of_a_class(client: FlaskClient) -> None:
    assert client.get("/pets/first").headers["ETag"] == '"1"'
    assert client.get("/pets/first", headers={"If-None-Match": '"1"'}).status_code == 304
    assert client.put("/pets/first", headers={"If-Match": '"1"'}).status_code == 200


def test_update_that_skips_the_version_check_gets_500(client: FlaskClient) -> None:
    assert client.patch("/pets/first", headers={"If-Match": '"1"'}).status_code == 500


def test_304_keeps_only_caching_headers(client: FlaskClient) -> None:
    answer = client.get("/pets/first", headers={"If-None-Match": '"1"'})
    assert answer.headers["Cache-Control"] == "private"
    assert "X-Mood" not in answer.headers
