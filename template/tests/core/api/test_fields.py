"""Fields: each accepts exactly the values that its column can store, and rejects look-alikes."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from marshmallow import fields as basic

from ...support.service import fields

NUMBER = fields.StrictNumber(places=2)
FORM = "Write a date-time like 2026-11-23T12:30:00Z."
NAMES = st.sampled_from("abc")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
quickly = settings(max_examples=25, derandomize=True, deadline=None, database=None)


def reason(field: basic.Field[Any], value: object) -> str:
    """The message with which the field rejects the value."""
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    (message,) = caught.value.messages
    return str(message)


@pytest.mark.parametrize("value", [True, False, "1", 1.9, None, [1], {"value": 1}])
def test_integer_field_rejects_look_alikes(value: object) -> None:
    reason(fields.StrictInteger(), value)


@quickly
@given(st.integers() | st.integers(-(2**53), 2**53).map(float))
def test_integer_field_accepts_any_integer(value: float) -> None:
    taken = fields.StrictInteger().deserialize(value)
    assert (taken, type(taken)) == (value, int)


@pytest.mark.parametrize(
    "value", ["1_0", "+1", "-1", "\u0663", " 1", "1 ", "1\n", "1.0", "1e3", "0x1", "", "9" * 11]
)
def test_query_integer_accepts_only_ascii_digits(value: str) -> None:
    assert reason(fields.QueryInteger(), value) == "Not a valid integer."


@quickly
@given(st.integers(0, 10**10 - 1))
def test_query_integer_accepts_up_to_ten_digits(value: int) -> None:
    assert fields.QueryInteger().deserialize(str(value)) == value


@quickly
@given(st.text("0123456789+-_.e \n\u0663", max_size=4))
def test_query_integer_is_never_misread(value: str) -> None:
    try:
        taken = fields.QueryInteger().deserialize(value)
    except ValidationError:
        return
    assert value.isascii()
    assert taken == int(value)


@pytest.mark.parametrize("value", [True, "1", None, [], 2**63, -(2**63), 1e300])
def test_number_field_rejects_other_types_and_overflow(value: object) -> None:
    reason(NUMBER, value)


@pytest.mark.parametrize("value", [0.001, -0.125, 1.005, 1e-300, 0.1 + 0.2])
def test_number_with_too_many_decimal_places_is_rejected(value: float) -> None:
    assert reason(NUMBER, value) == "At most 2 decimal places."


@quickly
@given(st.decimals(-10_000, 10_000, places=2))
def test_number_with_allowed_decimal_places_is_unchanged(value: Any) -> None:
    number = json.loads(str(value))
    assert NUMBER.deserialize(number) == number


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2030-01-02T03:04:05", FORM),
        ("2030-01-02", FORM),
        ("2030-W01-1T00:00:00Z", FORM),
        ("20300102T030405Z", FORM),
        ("2030-01-02T03:04Z", FORM),
        ("2030-01-02T03:04:05,5Z", FORM),
        ("2030-01-02T03:04:05+0200", FORM),
        ("2030-01-02T03:04:05+00:60", FORM),
        ("2030-01-02T03:04:05\u00e9Z", FORM),
        ("2030-02-30T00:00:00Z", "Not a valid datetime."),
        ("2030-01-02T24:00:00Z", FORM),
        ("2030-01-02T23:60:00Z", FORM),
        ("tomorrow", FORM),
        ("", FORM),
        (1_900_000_000, FORM),
        (True, FORM),
        ([], FORM),
        ("0001-01-01T00:00:00+14:00", "Must be between 1970-01-01 and 9999-12-30."),
        ("1969-12-31T23:59:59Z", "Must be between 1970-01-01 and 9999-12-30."),
        ("1969-12-31T23:59:59-00:01", "Must be between 1970-01-01 and 9999-12-30."),
        ("9999-12-30T00:00:01Z", "Must be between 1970-01-01 and 9999-12-30."),
        ("9999-12-31T23:59:59-14:00", "Must be between 1970-01-01 and 9999-12-30."),
    ],
)
def test_malformed_or_out_of_range_date_time_is_rejected(value: object, why: str) -> None:
    assert reason(fields.Instant(), value) == why


@quickly
@given(
    st.datetimes(
        dt.datetime(1970, 1, 2),
        dt.datetime(9999, 12, 29),
        timezones=st.integers(-1439, 1439).map(
            lambda minutes: dt.timezone(dt.timedelta(minutes=minutes))
        ),
    )
)
def test_valid_date_time_is_converted_to_utc(value: dt.datetime) -> None:
    taken = fields.Instant().deserialize(value.isoformat())
    assert taken == value
    assert taken.tzinfo is dt.UTC


@pytest.mark.parametrize("value", [None, [], "{}", 1, True])
def test_json_object_field_rejects_other_types(value: object) -> None:
    reason(fields.JSONObject(), value)


@quickly
@given(st.dictionaries(NAMES, JSON_VALUES))
def test_json_object_is_unchanged_if_its_numbers_fit_64_bits(value: dict[str, Any]) -> None:
    found = numbers(value)
    if all(-(2**63) <= number < 2**63 for number in found):
        assert fields.JSONObject().deserialize(value) is value
    else:
        assert reason(fields.JSONObject(), value) == "Numbers must fit in 64 bits."


def numbers(value: object) -> list[int | float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers(inner)]
    return [value] if isinstance(value, (int, float)) else []


@pytest.mark.parametrize(
    ("number", "fits"),
    [(2**63 - 1, True), (2**63, False), (-(2**63), True), (-(2**63) - 1, False)],
)
def test_numbers_in_a_json_object_are_limited_to_64_bits(number: int, fits: bool) -> None:
    value = {"a": [{"b": number}]}
    if fits:
        assert fields.JSONObject().deserialize(value) == value
    else:
        reason(fields.JSONObject(), value)


def test_json_object_length_is_limited_in_bytes() -> None:
    field = fields.JSONObject(max_bytes=12)
    assert field.deserialize({"a": "äö"}) == {"a": "äö"}
    assert reason(field, {"a": "äöü"}) == "At most 12 bytes as JSON."
