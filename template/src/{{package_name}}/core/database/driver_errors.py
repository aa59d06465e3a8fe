"""Driver errors: what a database error means for the client, the same on all three engines."""

from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError

UNIQUE_VIOLATIONS = {"23505", "1062", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
READ_ONLY = {"25006", "1290", "1792", "1836", "SQLITE_READONLY"}
OUT_OF_RANGE = {"22003", "1264", "1364", "1406", "4025"}
# Deadlock, serialization failure, and a lock timeout on SQLite
CONFLICTS = {"40P01", "40001", "1213", "1020", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT"}
NO_TABLE = {"42P01", "1146"}
# No such table or column: our own bug, which these two drivers call operational
WRONG_STATEMENT = {"SQLITE_ERROR", "1054"}


def code_of(error: BaseException) -> str:
    """Return the engine's own code: SQLSTATE, MariaDB's number or SQLite's name."""
    original = getattr(error, "orig", None)
    arguments = getattr(original, "args", ())
    if arguments and isinstance(arguments[0], int):
        # MariaDB's number; its driver also gives an SQLSTATE, which is less specific.
        return str(arguments[0])
    for attribute in ("sqlstate", "sqlite_errorname"):
        if code := getattr(original, attribute, None):
            return str(code)
    return ""


def is_duplicate(error: BaseException) -> bool:
    """Whether the statement violated a unique constraint."""
    return isinstance(error, exc.IntegrityError) and code_of(error) in UNIQUE_VIOLATIONS


def is_conflict(error: BaseException) -> bool:
    """Whether the error is a conflict with another transaction, so that a retry may succeed."""
    return code_of(error) in CONFLICTS


def status_of(error: exc.SQLAlchemyError) -> tuple[int, str]:
    """Return the HTTP status that tells the client what to do, and the engine's code."""
    code = code_of(error)
    if isinstance(error, StaleDataError):
        return 412, code
    if isinstance(error, exc.TimeoutError) or code in READ_ONLY | CONFLICTS:
        return 503, code
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return 503, code
    if is_duplicate(error):
        return 409, code
    if isinstance(error, (exc.IntegrityError, exc.DataError)) or code in OUT_OF_RANGE:
        return 422, code
    away = isinstance(error, (exc.OperationalError, exc.InterfaceError))
    if away and code not in WRONG_STATEMENT:
        return 503, code
    return 500, code
