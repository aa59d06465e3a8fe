"""APP004 finds request fields that are unbounded, or accept more than their column holds."""

from typing import Any

import pytest
from marshmallow import Schema, fields, validate
from sqlalchemy import JSON, Numeric

from ..support.service import database, strings
from ..support.service import fields as own_fields
from .deployment import World, part
from .faults.code import taking


class IdempotencyRecordIn(Schema):
    """Belongs to the model IdempotencyRecord, by its name."""

    key = fields.String(validate=validate.Length(1, 300))
    status = fields.Integer(validate=validate.Range(0, 2**40))


class Bounded(Schema):
    """Belongs to no model; every field is bounded."""

    name = fields.String(validate=validate.Length(max=10))
    code = fields.String(validate=validate.Length(equal=2))
    kind = fields.String(validate=validate.OneOf(["a", "b"]))
    size = fields.Integer(validate=validate.OneOf([1, 2]))
    count = fields.List(
        fields.Integer(validate=validate.Range(0, 9)), validate=validate.Length(max=9)
    )
    title = strings.StrictString(max_length=9)
    is_open = own_fields.StrictBoolean()
    day = own_fields.StrictDate()
    opens = own_fields.StrictTime()
    price = own_fields.StrictNumber(places=2, validate=validate.Range(0, 9))
    moment = own_fields.Instant()
    options = own_fields.JSONObject()
    counts = fields.Dict(values=fields.Integer(validate=validate.Range(0, 9)))
    id = fields.UUID()
    made = fields.DateTime(dump_only=True)


class Open(Schema):
    """No field is bounded."""

    name = fields.String(validate=validate.Length(1))
    count = fields.Integer(validate=validate.Range(0))
    naive = fields.NaiveDateTime()
    moment = fields.AwareDateTime()
    options = fields.Dict()
    anything = fields.Raw()
    is_open = fields.Boolean()
    day = fields.Date()
    opens = fields.Time()
    price = fields.Float()
    cost = fields.Decimal(validate=validate.Range(0))
    names = fields.List(fields.String(validate=validate.Length(max=9)))


class Outer(Schema):
    """The faults are in a nested schema."""

    inner = fields.List(fields.Nested(Open), validate=validate.Length(max=9))


def found(world: World, schema: Schema) -> set[str]:
    """Return the fields that the doctor reports."""
    world.changes.append(lambda app: app.register_blueprint(taking(schema)))
    findings = world.diagnose("--deploy")["findings"]
    assert {each["id"] for each in findings} <= {"APP004"}
    return {each["detail"].split()[0] for each in findings}


def test_bounded_fields_are_accepted(world: World) -> None:
    assert found(world, Bounded()) == set()


@pytest.mark.parametrize("schema", [Open(), Outer()])
def test_unbounded_fields_are_reported(world: World, schema: Schema) -> None:
    assert found(world, schema) == {f"Open.{name}" for name in Open().fields}


def test_schema_is_compared_with_the_model_that_its_name_starts_with(
    world: World,
) -> None:
    named = {"IdempotencyRecordIn.key", "IdempotencyRecordIn.status"}
    assert found(world, IdempotencyRecordIn()) == named


@pytest.mark.parametrize(
    ("column", "is_right"),
    [
        (database.BoundedJSON(100), True),
        (database.BoundedJSON(99), False),
        (JSON(), True),
    ],
)
def test_json_field_must_fit_its_column(column: Any, is_right: bool) -> None:
    said = part("checks.schemas").fault(own_fields.JSONObject(max_bytes=100), column)
    assert (said == "") == is_right


@pytest.mark.parametrize(
    ("field", "is_right"),
    [
        (own_fields.StrictNumber(places=2, validate=validate.Range(0, 9)), True),
        (own_fields.StrictNumber(places=3, validate=validate.Range(0, 9)), False),
        (fields.Float(validate=validate.Range(0, 9)), False),
        (own_fields.StrictNumber(places=2, validate=validate.Range(0)), False),
    ],
)
def test_number_must_fit_its_column(field: Any, is_right: bool) -> None:
    said = part("checks.schemas").fault(field, Numeric(3, 2))
    assert (said == "") == is_right


def test_schema_finding_names_the_file_of_the_route(world: World) -> None:
    world.changes.append(lambda app: app.register_blueprint(taking(Open())))
    output = world.run("--format=sarif").stdout
    assert "tests/doctor/faults/code.py" in output
