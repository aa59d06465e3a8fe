"""Routes of the service that touch no database, written as its own routes are."""

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields, validate
from my_service.core.api.fields import StrictInteger
from my_service.core.api.openapi import ApiBlueprint

blueprint = ApiBlueprint("bench", "What is measured", "/bench", public=True)


class Body(Schema):
    """A small body."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    query = fields.String(required=True, validate=validate.Length(1, 10_000))
    limit = StrictInteger(validate=validate.Range(1, 100))


@blueprint.route("/ping", "GET")
@blueprint.returns(200)
def ping() -> Response:
    """Answer"""
    return jsonify(answer="pong", number=42)


@blueprint.route("/echo", "POST")
@blueprint.body(Body())
@blueprint.returns(200, Body())
def echo(values: dict[str, Any]) -> Response:
    """Answer what was sent"""
    return jsonify(values)
