"""Runs as they are sent."""

from marshmallow import Schema, fields, validate

from ..core.api.fields import QueryInteger
from ..core.api.pagination import SIZE


class RunOut(Schema):
    """What a client gets."""

    id = fields.Integer(required=True)
    experiment_id = fields.Integer(required=True)
    model = fields.String(required=True, metadata={"description": "As the API names it."})
    answer = fields.String(required=True)
    prompt_tokens = fields.Integer(required=True)
    completion_tokens = fields.Integer(required=True)
    total_tokens = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


class RunPage(Schema):
    """One page of a list."""

    items = fields.List(fields.Nested(RunOut), required=True)
    page = fields.Integer(required=True)
    page_size = fields.Integer(required=True, metadata={"description": SIZE})
    total = fields.Integer(required=True)


class ListArguments(Schema):
    """What a list can be asked for."""

    page = QueryInteger(load_default=1, validate=validate.Range(1, 1_000_000))
    page_size = QueryInteger(load_default=20, validate=validate.Range(1, 100))
