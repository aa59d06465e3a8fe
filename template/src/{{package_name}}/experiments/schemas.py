"""Experiments: the API schemas. Each field accepts exactly what its column can store."""

from marshmallow import Schema, fields, validate

from ..core.api.fields import Instant, JSONObject, StrictInteger, StrictNumber
from ..core.api.pagination import PageArguments, PageOut
from ..core.api.strings import StrictString
from .models import MAX_PARAMETERS, Status

SORTS = ["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"]


class ExperimentIn(Schema):
    """The fields that a client may set."""

    name = StrictString(
        required=True,
        max_length=100,
        metadata={"description": "Unique among your experiments.", "example": "tone-of-voice"},
    )
    query = StrictString(
        required=True,
        max_length=10_000,
        metadata={"description": "What to ask.", "example": "Say it like a pirate: hello"},
    )
    limit = StrictInteger(validate=validate.Range(1, 100), metadata={"default": 10})
    temperature = StrictNumber(
        places=2, validate=validate.Range(0, 2), metadata={"default": 1, "multipleOf": 0.01}
    )
    status = fields.Enum(Status, by_value=fields.String, metadata={"default": "draft"})
    parameters = JSONObject(
        max_bytes=MAX_PARAMETERS,
        metadata={"description": "Anything else for the model.", "example": {"top_p": 0.9}},
    )
    scheduled_at = Instant(
        allow_none=True, metadata={"description": "With an offset, from 1970 to 9999."}
    )


class ExperimentPatch(ExperimentIn):
    """A partial update: every field is optional."""


class ExperimentOut(ExperimentIn):
    """The fields that a client receives."""

    id = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class ExperimentPage(PageOut):
    """One page of a list."""

    items = fields.List(fields.Nested(ExperimentOut), required=True)


class ListArguments(PageArguments):
    """Selects and orders the experiments of a list."""

    status = fields.Enum(Status, by_value=fields.String)
    sort = fields.String(load_default="-created_at", validate=validate.OneOf(SORTS))
