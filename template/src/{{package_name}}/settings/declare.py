"""How one row of the settings' table is written: `setting(default, help, bounds)`."""

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

from marshmallow import validate

Check = Callable[[Any], object]

REQUIRED: Any = object()  # in the place of a default: a start without it is refused


def setting(
    default: Any,
    help: str,
    *,
    bounds: tuple[float, float] | None = None,
    one_of: Sequence[str] = (),
    check: Check | None = None,
    secret: bool = False,
    alias: str = "",
) -> Any:
    """Declare a setting; the field's name in capitals is the variable's name.

    `check` raises marshmallow.ValidationError with a sentence that never holds the value.
    `alias` is an older name of the variable that is still understood.
    """
    checks: list[Check] = []
    if bounds:
        checks.append(validate.Range(*bounds))
    if one_of:
        checks.append(validate.OneOf(one_of))
    if check:
        checks.append(check)
    return field(
        default=default, metadata={"help": help, "checks": checks, "secret": secret, "alias": alias}
    )
