"""Schemas: what a request may contain fits the columns of the database."""

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import BigInteger, Integer, Numeric, SmallInteger, String

from ...core.database import Base
from ..context import Context
from ..registry import Located, check
from .routes import schemas, views

# The first has no UTC offset; the second has a year that no engine stores in every time zone.
UNSTORABLE = ("2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00")
# Values that fields of these kinds must not accept. A kind comes before those that it extends.
LOOK_ALIKES = (
    (fields.Boolean, "yes", "accepts strings and numbers as booleans."),
    (fields.Date, "0999-12-31", "accepts years that not every engine stores."),
    (fields.Time, "12:00:00.5", "accepts fractions of a second, which MariaDB drops."),
)


@check(
    "APP004",
    "warning",
    "A schema accepts values that its column cannot store",
    why="The database rejects or truncates them, or stores a row that breaks every list with it.",
    remedy="""
        Use the strict fields of `core/api`, with the bounds of the column:
            name = StrictString(max_length=100)
            amount = StrictInteger(validate=validate.Range(0, 1_000_000))
            is_open = StrictBoolean()
            due_at = Instant()
            options = JSONObject(max_bytes=16_384)
            tags = fields.List(StrictString(max_length=30), validate=validate.Length(max=10))""",
    source="OWASP ASVS 2.2; API3:2023",
)
def against_columns(context: Context) -> Iterator[str]:
    """Request schemas: unbounded strings, numbers, lists and JSON; date-times without an offset.

    Bounds are compared with the columns of the model whose name the schema's name begins with:
    OrderIn and OrderPatch belong to Order.
    """
    seen: set[tuple[type[Schema], str]] = set()
    for _, _, view in views(context.app):
        for _, schema in schemas(view):
            for name, field, kind in _fields(schema):
                wrong = fault(field, _column(kind, field, name))
                if wrong and (kind, name) not in seen:
                    seen.add((kind, name))
                    yield Located.at(view, f"{kind.__name__}.{name} {wrong}")


def _fields(schema: Schema) -> Iterator[tuple[str, Any, type[Schema]]]:
    """Yield the fields that are read, including lists and what they and nested schemas contain."""
    for name, field in schema.load_fields.items():
        inner = field
        while isinstance(inner, fields.List):
            yield name, inner, type(schema)
            inner = inner.inner
        if isinstance(inner, fields.Nested):
            yield from _fields(inner.schema)
        else:
            yield name, inner, type(schema)


def _column(kind: type[Schema], field: Any, name: str) -> Any:
    """Return the type of the column that stores a field, if it is found by name."""
    mappers = [
        each for each in Base.registry.mappers if kind.__name__.startswith(each.class_.__name__)
    ]
    mapper = max(mappers, key=lambda each: len(each.class_.__name__), default=None)
    column = mapper.columns.get(field.attribute or name) if mapper else None
    return None if column is None else column.type


def fault(field: Any, column: Any) -> str:
    """Return what is wrong with a field, given the type of its column, if known."""
    if isinstance(field, fields.String) and not isinstance(field, fields.UUID):
        longest = column.length if isinstance(column, String) else None
        return _length(field.validators, longest)
    if isinstance(field, fields.List):
        return _length(field.validators, None)
    if isinstance(field, fields.Integer):
        return _range(field.validators, column)
    if isinstance(field, (fields.Float, fields.Decimal)):
        return _range(field.validators, None) or _places(field, column)
    for kind, look_alike, wrong in LOOK_ALIKES:
        if isinstance(field, kind):
            return wrong if _accepts(field, look_alike) else ""
    if isinstance(field, fields.DateTime):
        return _date_time(field)
    if type(field) is fields.Raw or (isinstance(field, fields.Dict) and not field.value_field):
        return _size(field, column)
    return ""


def _length(validators: list[Any], longest: int | None) -> str:
    lengths = [each.equal or each.max for each in validators if isinstance(each, validate.Length)]
    for each in validators:
        if isinstance(each, validate.OneOf):
            lengths.append(max(map(len, map(str, each.choices)), default=0))
    known = [length for length in lengths if length is not None]
    if not known:
        return "has no Length validator."
    if longest is not None and min(known) > longest:
        return f"accepts {min(known)} characters, but its column stores {longest}."
    return ""


def _range(validators: list[Any], column: Any) -> str:
    ranges = [each for each in validators if isinstance(each, validate.Range)]
    lowest = max((each.min for each in ranges if each.min is not None), default=None)
    highest = min((each.max for each in ranges if each.max is not None), default=None)
    if any(isinstance(each, validate.OneOf) for each in validators):
        return ""
    if lowest is None or highest is None:
        return "has no Range validator with both bounds."
    bits = {SmallInteger: 15, BigInteger: 63}.get(type(column), 31)
    if isinstance(column, Integer) and not -(2**bits) <= lowest <= highest < 2**bits:
        return f"accepts integers that do not fit its column's {bits + 1} bits."
    return ""


def _places(field: Any, column: Any) -> str:
    """Compare the decimal places of a number with those of its column, if it has any."""
    ranges = [each for each in field.validators if isinstance(each, validate.Range)]
    scale = column.scale if isinstance(column, Numeric) else None
    if scale is None:
        return ""
    least = next(each.min for each in ranges if each.min is not None)
    finer = float(least) + 10 ** -(scale + 1)
    return "accepts more decimal places than its column stores." if _accepts(field, finer) else ""


def _date_time(field: Any) -> str:
    if any(_accepts(field, moment) for moment in UNSTORABLE):
        return "accepts date-times that are naive, or of a year that not every engine stores."
    return ""


def _accepts(field: Any, value: object) -> bool:
    try:
        field.deserialize(value)
    except ValidationError:
        return False
    return True


def _size(field: Any, column: Any) -> str:
    size, longest = getattr(field, "max_bytes", None), getattr(column, "max_bytes", None)
    if size is None:
        return "accepts JSON of any size."
    if longest is not None and size > longest:
        return f"accepts {size} bytes, but its column stores {longest}."
    return ""
