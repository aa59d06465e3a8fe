"""Converters: an ID is ASCII digits, and one that does not fit the column matches no row."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from ...support.apps import bare_app
from ...support.service import converters, openapi


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    app = bare_app()
    openapi.init_app(app)

    @app.get("/rows/<id:row_id>")
    @app.delete("/rows/<id:row_id>")
    def row(row_id: int) -> Any:
        return jsonify(id=row_id)

    @app.get("/numbers/<int:number>")
    def number(number: int) -> Any:
        return jsonify(number=number)

    with app.test_client() as client:
        yield client


@pytest.mark.parametrize("number", [0, 1, 17, converters.LARGEST])
def test_id_that_fits_the_column_reaches_the_view(client: FlaskClient, number: int) -> None:
    assert client.get(f"/rows/{number}").get_json() == {"id": number}


@pytest.mark.parametrize("number", [converters.LARGEST + 1, 10**30])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_id_too_large_for_the_column_is_read_as_0(
    client: FlaskClient, method: str, number: int
) -> None:
    assert client.open(f"/rows/{number}", method=method).get_json() == {"id": 0}


@pytest.mark.parametrize("text", ["-1", "1.0", "1_0", "\u0661\u0667", "x", "%00"])
def test_invalid_ids_match_no_route(client: FlaskClient, text: str) -> None:
    assert client.get(f"/rows/{text}").status_code == 404


def test_int_converter_is_still_the_one_of_werkzeug(client: FlaskClient) -> None:
    assert client.get(f"/numbers/{10**30}").get_json() == {"number": 10**30}


def test_id_is_described_as_an_integer() -> None:
    app = Flask(__name__)
    assert converters.described(app) == {"type": "integer", "minimum": 0, "example": 1}
