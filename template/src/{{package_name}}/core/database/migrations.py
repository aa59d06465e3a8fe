"""Migrations: sets up Flask-Migrate for commands, the doctor and tests.

Servers do not load this module: Alembic would cost each worker process 11 MB, and 0.1 s at startup.
"""

from typing import Any

import click
from flask.cli import ScriptInfo
from flask_migrate import Migrate
from flask_migrate.cli import db as group

from . import db

migrate = Migrate(db=db)


class MigrationGroup(click.Group):
    """Flask-Migrate's command group; sets up Flask-Migrate before any of its commands."""

    def invoke(self, ctx: click.Context) -> Any:
        migrate.init_app(ctx.ensure_object(ScriptInfo).load_app())
        return super().invoke(ctx)


commands = MigrationGroup(
    group.name,
    callback=group.callback,
    params=group.params,
    commands=group.commands,
    help=group.help,
)
