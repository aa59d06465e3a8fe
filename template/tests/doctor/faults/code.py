"""Faults in code: routes, schemas and revisions."""

from typing import Any

from flask import Flask, Response, jsonify, request
from marshmallow import Schema, fields

from ...support.service import Blueprint
from ..deployment import World
from . import broken


@broken("APP003")
def body_without_a_schema(world: World) -> None:
    @world.changes.append
    def add(app: Flask) -> None:
        @app.post("/things")
        def make_thing() -> Response:
            return jsonify(request.get_json())


class ThingIn(Schema):
    """Accepts a string of any length."""

    name = fields.String()


def taking(schema: Schema) -> Blueprint:
    """Return a blueprint with a route whose request body has this schema."""
    blueprint = Blueprint("things", __name__, url_prefix="/things")

    @blueprint.route("", methods=["POST"])
    @blueprint.arguments(schema)
    def make_thing(values: dict[str, Any]) -> Response:
        return jsonify(values)

    return blueprint


@broken("APP004")
def string_without_a_length(world: World) -> None:
    world.changes.append(lambda app: app.register_blueprint(taking(ThingIn())))


@broken("MIG001")
def column_dropped(world: World) -> None:
    last = max((world.folder / "migrations/versions").glob("*.py"))
    head = last.read_text(encoding="utf-8").partition("\ndef upgrade")[0].splitlines()
    kept = [line for line in head if not line.startswith("reviewed")]
    upgrade = ["def upgrade() -> None:", '    op.drop_column("things", "name")']
    last.write_text("\n".join([*kept, *upgrade]), encoding="utf-8")
