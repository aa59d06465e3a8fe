"""Routes that do not use the database, written like the service's own routes."""

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, validate
from my_service.core.api.blueprint import Blueprint
from my_service.core.api.fields import StrictInteger

blueprint = Blueprint("bench", __name__, url_prefix="/bench", public=True)


class Body(Schema):
    """A small body."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    query = fields.String(required=True, validate=validate.Length(1, 10_000))
    limit = StrictInteger(validate=validate.Range(1, 100))


@blueprint.route("/ping")
@blueprint.response(200)
def ping() -> Response:
    """Answer"""
    return jsonify(answer="pong", number=42)


@blueprint.route("/echo", methods=["POST"])
@blueprint.arguments(Body())
@blueprint.response(200, Body())
def echo(values: dict[str, Any]) -> Response:
    """Answer what was sent"""
    return jsonify(values)
