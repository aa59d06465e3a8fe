"""Schemas against columns: what each field may take, and what its column holds."""

import pytest
from marshmallow import Schema, fields, validate

from ..service import fields as own_fields
from .code import taking
from .world import World


class IdempotencyRecordIn(Schema):
    """By its name, of the model IdempotencyRecord."""

    key = fields.String(validate=validate.Length(1, 300))
    status = fields.Integer(validate=validate.Range(0, 2**40))


class Bounded(Schema):
    """Of no model; each field is bounded."""

    name = fields.String(validate=validate.Length(max=10))
    code = fields.String(validate=validate.Length(equal=2))
    kind = fields.String(validate=validate.OneOf(["a", "b"]))
    size = fields.Integer(validate=validate.OneOf([1, 2]))
    count = fields.List(fields.Integer(validate=validate.Range(0, 9)))
    moment = own_fields.Instant()
    id = fields.UUID()
    made = fields.DateTime(dump_only=True)


class Open(Schema):
    """Nothing is bounded."""

    name = fields.String(validate=validate.Length(1))
    count = fields.Integer(validate=validate.Range(0))
    naive = fields.NaiveDateTime()
    moment = fields.AwareDateTime()


class Outer(Schema):
    """What is wrong lies deeper."""

    inner = fields.List(fields.Nested(Open))


def found(world: World, schema: Schema) -> set[str]:
    """The fields that the doctor names."""
    world.changes.append(lambda app: app.register_blueprint(taking(schema).smorest))
    findings = world.diagnose("--deploy")["findings"]
    assert {each["id"] for each in findings} <= {"APP004"}
    return {each["detail"].split()[0] for each in findings}


def test_what_is_bounded_is_right(world: World) -> None:
    assert found(world, Bounded()) == set()


@pytest.mark.parametrize("schema", [Open(), Outer()])
def test_what_is_open_is_named(world: World, schema: Schema) -> None:
    names = ("name", "count", "naive", "moment")
    assert found(world, schema) == {f"Open.{name}" for name in names}


def test_a_schema_is_held_to_the_columns_of_the_model_that_its_name_begins_with(
    world: World,
) -> None:
    named = {"IdempotencyRecordIn.key", "IdempotencyRecordIn.status"}
    assert found(world, IdempotencyRecordIn()) == named


def test_the_place_of_the_route_is_told(world: World) -> None:
    world.changes.append(lambda app: app.register_blueprint(taking(Open()).smorest))
    output = world.run("--format=sarif").stdout
    assert "tests/doctor/code.py" in output
