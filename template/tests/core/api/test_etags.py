"""Preconditions: an update sends the version it is based on, a read the version it has."""

from dataclasses import dataclass

import flask
import pytest
from flask import Response
from flask.testing import FlaskClient
from marshmallow import Schema, fields

from ...support.apps import bare_app
from ...support.service import Blueprint, etags

MALFORMED = ["", '"', '"3', "3", ",,,", "W/", 'W/"', "**", '"3" "3', "\xff\xfe", '"' * 999, "=?;"]


@dataclass
class Row:
    version: int = 3
    text: str = "as it is"


class RowOut(Schema):
    text = fields.String()


rows = Blueprint("rows", __name__)


@rows.route("/row")
@rows.etag
@rows.response(200, RowOut())
def read() -> Row:
    row = Row()
    rows.set_etag(row)
    return row


@rows.route("/row", methods=["POST"])
@rows.etag
@rows.response(201, RowOut())
def create() -> Row:
    row = Row()
    rows.set_etag(row)
    return row


@rows.route("/row", methods=["PATCH"])
@rows.etag
@rows.response(204)
def change() -> None:
    rows.check_etag(Row())


plain_rows = flask.Blueprint("plain", __name__)


@plain_rows.get("/row")
def read_plainly() -> Response:
    return etags.representation(RowOut(), Row())


@plain_rows.post("/row")
def create_plainly() -> Response:
    return etags.representation(RowOut(), Row(), 201)


@plain_rows.patch("/row")
def change_plainly() -> Response:
    etags.check_if_match(Row())
    return Response(status=204)


@pytest.fixture(params=["blueprint", "functions"])
def client(request: pytest.FixtureRequest) -> FlaskClient:
    """A client of a bare application with one row.

    Its views use either the blueprint's ETag methods or the functions of `etags`.
    """
    app = bare_app()
    app.register_blueprint(rows if request.param == "blueprint" else plain_rows)
    return app.test_client()


@pytest.mark.parametrize("matching", ['"3"', '"1", "3"', 'W/"3","3"', ',"3",', "*"])
def test_update_of_the_current_version_succeeds(client: FlaskClient, matching: str) -> None:
    assert client.patch("/row", headers={"If-Match": matching}).status_code == 204


@pytest.mark.parametrize("stale", ['"2"', '"1", "2"', 'W/"2"', "3", 'w/"3"', '"3" "4"', '"33"'])
def test_update_of_another_version_gets_412(client: FlaskClient, stale: str) -> None:
    answer = client.patch("/row", headers={"If-Match": stale})
    assert answer.status_code == 412
    assert answer.content_type == "application/problem+json"


def test_update_with_a_weak_etag_gets_412_with_the_reason(client: FlaskClient) -> None:
    answer = client.patch("/row", headers={"If-Match": 'W/"3"'})
    assert (answer.status_code, answer.get_json()["detail"]) == (412, etags.WEAK)


def test_update_without_if_match_gets_428(client: FlaskClient) -> None:
    answer = client.patch("/row")
    assert answer.status_code == 428
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("value", MALFORMED)
def test_malformed_precondition_never_causes_a_server_error(
    client: FlaskClient, value: str
) -> None:
    assert client.patch("/row", headers={"If-Match": value}).status_code in (204, 412)
    assert client.get("/row", headers={"If-None-Match": value}).status_code in (200, 304)


def test_representation_carries_an_etag(client: FlaskClient) -> None:
    answer = client.get("/row")
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')
    assert answer.get_json() == {"text": "as it is"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("known", ['"3"', 'W/"3"', '"1", "3"', "*"])
def test_read_of_the_known_version_gets_304_without_a_body(
    client: FlaskClient, method: str, known: str
) -> None:
    answer = client.open("/row", method=method, headers={"If-None-Match": known})
    assert (answer.status_code, answer.headers["ETag"]) == (304, '"3"')
    assert answer.get_data() == b""


def test_read_with_an_old_etag_gets_the_current_version(client: FlaskClient) -> None:
    answer = client.get("/row", headers={"If-None-Match": '"2"'})
    assert (answer.status_code, answer.get_json()) == (200, {"text": "as it is"})


def test_only_reads_get_304(client: FlaskClient) -> None:
    answer = client.post("/row", headers={"If-None-Match": '"3"'})
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"3"')


def test_read_with_if_match_for_another_version_gets_412(client: FlaskClient) -> None:
    answer = client.get("/row", headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.content_type) == (412, "application/problem+json")
    assert client.get("/row", headers={"If-Match": '"3"'}).status_code == 200


@pytest.mark.parametrize("date", ["Thu, 01 Jan 9999999999 00:00:00 GMT", "+99999999999", "\xff"])
def test_date_preconditions_are_ignored(client: FlaskClient, date: str) -> None:
    for name in ("If-Modified-Since", "If-Unmodified-Since", "If-Range"):
        assert client.get("/row", headers={name: date}).status_code == 200
