"""Runs: the API schemas."""

from marshmallow import Schema, fields

from ..core.api.pagination import PageOut


class RunOut(Schema):
    """The fields that a client receives."""

    id = fields.Integer(required=True)
    experiment_id = fields.Integer(required=True)
    model = fields.String(required=True, metadata={"description": "As the API names it."})
    answer = fields.String(required=True)
    prompt_tokens = fields.Integer(required=True)
    completion_tokens = fields.Integer(required=True)
    total_tokens = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


class RunPage(PageOut):
    """One page of a list."""

    items = fields.List(fields.Nested(RunOut), required=True)
