"""Database commands: report what prevents them in one sentence, without a traceback."""

from typing import Any

import click
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError

from . import db
from .connection_faults import cause_of, network_fault
from .driver_errors import NO_TABLE, code_of


class DatabaseGroup(AppGroup):
    """A group of commands that use the database; otherwise like `flask.cli.AppGroup`."""

    def invoke(self, ctx: click.Context) -> Any:
        with ctx.ensure_object(ScriptInfo).load_app().app_context():
            try:
                return super().invoke(ctx)
            except DBAPIError as error:
                raise_if_not_connected(error)
                if code_of(error) in NO_TABLE or "no such table" in str(error.orig):
                    raise _failure("A table is missing: run `flask db upgrade`") from None
                raise


def raise_if_not_connected(error: DBAPIError) -> None:
    """Raise a ClickException with the cause if the error is about the connection itself."""
    # A file that is not an SQLite database raises DatabaseError itself, not a subclass.
    is_of_connection = isinstance(error, (OperationalError, InterfaceError)) or (
        type(error) is DatabaseError
    )
    if is_of_connection and error.statement is None:
        raise _failure(network_fault(db.engine.url) or cause_of(error)) from None


def _failure(cause: str) -> click.ClickException:
    return click.ClickException(
        f"This command needs the database. {cause}. Run `flask doctor --live` for details."
    )
