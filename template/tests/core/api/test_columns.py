"""Each strict field stores in its column what the OpenAPI document allows, and returns it unchanged."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields, validate
from sqlalchemy import delete
from sqlalchemy.orm import Session

from ...conftest import MakeApp
from ...support.apps import bare_app
from ...support.routes import description
from ...support.scratch import Sample, Size, caller_of, scratch_tables
from ...support.service import Blueprint, database, openapi, strings
from ...support.service import fields as strict

URL = "/samples"


class Address(Schema):
    """A nested schema."""

    city = strings.StrictString(required=True, max_length=100)


class SampleIn(Schema):
    """A field of each kind."""

    title = strings.StrictString(required=True, max_length=20)
    note = strings.StrictString(required=True, max_length=1_000, allow_blank=True)
    homepage = strings.StrictURL(required=True, max_length=200)
    email = strings.StrictEmail(required=True)
    count = strict.StrictInteger(required=True, validate=validate.Range(-(2**31), 2**31 - 1))
    price = strict.StrictNumber(
        places=2,
        required=True,
        validate=validate.Range(0, 9_999_999_999),
        metadata={"multipleOf": 0.01},
    )
    active = strict.StrictBoolean(required=True)
    reference = strings.StrictUUID(required=True)
    day = strict.StrictDate(required=True)
    opens = strict.StrictTime(required=True)
    moment = strict.Instant(required=True)
    size = fields.Enum(Size, required=True, by_value=fields.String)
    tags = fields.List(
        strings.StrictString(max_length=30), required=True, validate=validate.Length(max=10)
    )
    address = fields.Nested(Address(), required=True)
    options = strict.JSONObject(required=True)


blueprint = Blueprint("samples", __name__, url_prefix=URL)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(SampleIn())
@database.transactional
@blueprint.response(201, SampleIn())
def create_sample(session: Session, values: dict[str, Any]) -> Sample:
    """Create a sample, and read it from the database"""
    session.execute(delete(Sample))
    sample = Sample(**values)
    session.add(sample)
    session.flush()
    session.refresh(sample)
    return sample


@pytest.fixture(scope="module")
def bodies() -> st.SearchStrategy[dict[str, Any]]:
    """Request bodies that the OpenAPI document allows."""
    app = bare_app()
    openapi.init_app(app).register_blueprint(blueprint)
    found: st.SearchStrategy[Any] = description(app)[URL]["POST"].as_strategy()
    return found.map(lambda case: case.body)


@pytest.fixture
def caller(make_app: MakeApp) -> Iterator[FlaskClient]:
    """A client of an application that stores and returns samples."""
    app = make_app()
    app.register_blueprint(blueprint)
    with scratch_tables(app):
        yield caller_of(app)


def returned(caller: FlaskClient, sent: dict[str, Any]) -> dict[str, Any]:
    """Send a sample; return what the service stored."""
    answer = caller.post(URL, json=sent)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def comparable(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with values that may be written in several ways in one of them."""
    moment = dt.datetime.fromisoformat(body["moment"].upper())
    return body | {"reference": body["reference"].lower(), "moment": moment}


@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_documented_values_are_stored_and_returned_unchanged(
    caller: FlaskClient, bodies: st.SearchStrategy[dict[str, Any]], data: st.DataObject
) -> None:
    sent = data.draw(bodies)
    assert comparable(returned(caller, sent)) == comparable(sent)


WIDEST = {
    "title": "\U0001f600" * 20,
    "note": "",
    "homepage": f"https://{'a' * 63}.example:65535/?{'~' * 112}",
    "email": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 61}",
    "count": -(2**31),
    "price": 9_999_999_999,
    "active": False,
    "reference": "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "day": "9999-12-31",
    "opens": "23:59:59",
    "moment": "9999-12-30T00:00:00+00:00",
    "size": "small",
    "tags": ["\U0001f600" * 30] * 10,
    "address": {"city": "\U0001f600" * 100},
    "options": {"text": "\U0001f600" * 4_000},
}


BEYOND: dict[str, list[Any]] = {
    "title": ["", " \t", "x" * 21, 1, None],
    "note": ["x" * 1_001, 1, None],
    "homepage": ["ftp://a.example", "https://", "https://ann@a.example", "https://ä.example", "x"],
    "email": ["ann", "ann@example", "ann@@example.com", "a b@example.com", "ann@-a.example"],
    "count": [2**31, -(2**31) - 1, "1", 1.5, True],
    "price": [10_000_000_000, -0.01, 0.001, "1", float(2**70)],
    "active": ["true", 1, 0, None, "yes"],
    "reference": ["{ffffffff-ffff-ffff-ffff-ffffffffffff}", "f" * 32, 1, ""],
    "day": ["0999-12-31", "2026-02-30", "20260101", "2026-1-1", 5, "2026-01-01T00:00:00"],
    "opens": ["24:00:00", "12:00", "12:00:00.5", "12:00:00Z", 12],
    "moment": ["2026-01-01", "1969-12-31T00:00:00Z"],
    "size": ["SMALL", "", 1],
    "tags": [["x"] * 11, ["x" * 31], [""], "x", [1]],
    "address": [{}, {"city": ""}, {"city": "x", "zip": "1"}, [], "x"],
    "options": [[], {"text": "x" * 16_384}],
}


def test_longest_and_largest_values_are_returned_unchanged(caller: FlaskClient) -> None:
    assert returned(caller, WIDEST) == WIDEST


def test_earliest_and_smallest_values_are_returned_unchanged(caller: FlaskClient) -> None:
    least = {"day": "1000-01-01", "opens": "00:00:00", "moment": "1970-01-01T00:00:00+00:00"}
    sent = WIDEST | least | {"tags": [], "options": {}, "price": 0}
    assert returned(caller, sent) == sent


@pytest.mark.parametrize("field", SampleIn().fields)
def test_value_beyond_the_column_is_rejected(caller: FlaskClient, field: str) -> None:
    for value in BEYOND[field]:
        answer = caller.post(URL, json=WIDEST | {field: value})
        assert answer.status_code == 422, value
        assert answer.get_json()["errors"][0]["field"].startswith(field)
