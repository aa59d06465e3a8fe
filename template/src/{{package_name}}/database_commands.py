"""Commands that use the database: what keeps one from it is told in a sentence, without a traceback."""

from typing import Any

import click
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import DBAPIError

from .database import db
from .database_errors import NO_TABLE, code_of
from .doctor.causes import cause_of, network_fault


class DatabaseGroup(AppGroup):
    """A group of commands that use the database; `flask.cli.AppGroup` otherwise."""

    def invoke(self, ctx: click.Context) -> Any:
        with ctx.ensure_object(ScriptInfo).load_app().app_context():
            try:
                return super().invoke(ctx)
            except DBAPIError as error:
                raise explained(error) from None


def explained(error: DBAPIError) -> Exception:
    """What to raise instead: a ClickException, where the database, and no statement, is at fault."""
    is_not_connected = error.statement is None
    if is_not_connected:
        cause = network_fault(db.engine.url) or cause_of(error)
    elif code_of(error) in NO_TABLE or "no such table" in str(error.orig):
        cause = "A table is missing: run `flask db upgrade`"
    else:
        return error
    return click.ClickException(
        f"This needs the database. {cause}. `flask doctor --live` says more."
    )
