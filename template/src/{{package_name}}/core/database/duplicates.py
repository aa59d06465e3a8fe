"""Duplicates: which columns of a row have values that another row already has."""

import re
from typing import Any

from sqlalchemy import MetaData, UniqueConstraint
from sqlalchemy.exc import SQLAlchemyError

from . import Base

# These engines name the columns or the constraint only in their message. What precedes the name
# may contain a client's values, so only the end of the message is searched.
_sqlite_columns = re.compile(r"\AUNIQUE constraint failed: ([\w., ]+)\Z").match
_mariadb_key = re.compile(r" for key '(?:\w+\.)?(\w+)'\Z").search


def duplicate_columns(error: SQLAlchemyError, metadata: MetaData = Base.metadata) -> list[str]:
    """Return the columns of the unique constraint that a statement violated, if they are known."""
    original: Any = getattr(error, "orig", None)
    message = str(original.args[-1]) if getattr(original, "args", ()) else ""
    if found := _sqlite_columns(message):
        return [name.rpartition(".")[2] for name in found[1].split(", ")]
    diagnostics = getattr(original, "diag", None)
    key = _mariadb_key(message)
    name = getattr(diagnostics, "constraint_name", None) or (key[1] if key else "")
    return _columns_of(name, metadata)


def _columns_of(constraint: str, metadata: MetaData) -> list[str]:
    for table in metadata.tables.values():
        unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
        named = {each.name: each.columns for each in unique}
        named |= {index.name: index.columns for index in table.indexes}
        if constraint in named:
            return [column.name for column in named[constraint]]
    return []
