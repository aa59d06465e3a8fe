"""Migrations: Flask-Migrate, set up for commands, the doctor and tests.

No server loads this module: Alembic would take 11 MB of each worker, and 0.1 s of its start.
"""

from typing import Any

import click
from flask.cli import ScriptInfo
from flask_migrate import Migrate
from flask_migrate.cli import db as group

from . import db

migrate = Migrate(db=db)


class MigrationGroup(click.Group):
    """Flask-Migrate's group, which is set up before any of its commands."""

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
