"""Declare one row of the settings table: `setting(default, help, bounds)`."""

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

from marshmallow.validate import OneOf, Range

Validator = Callable[[Any], object]

REQUIRED: Any = object()  # instead of a default: the service does not start without a value


def setting(
    default: Any,
    help: str,
    *,
    bounds: tuple[float, float] | None = None,
    one_of: Sequence[str] = (),
    validate: Validator | None = None,
    secret: bool = False,
    alias: str = "",
) -> Any:
    """Declare a setting; its variable is the field's name in upper case.

    `validate` raises marshmallow.ValidationError with a message that never contains the value.
    `alias` is an older name of the variable that is still accepted.
    """
    validators: list[Validator] = []
    if bounds:
        validators.append(Range(*bounds))
    if one_of:
        validators.append(OneOf(one_of))
    if validate:
        validators.append(validate)
    metadata = {"help": help, "validators": validators, "secret": secret, "alias": alias}
    return field(default=default, metadata=metadata)
