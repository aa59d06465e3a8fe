"""SQLite faults."""

from typing import Any

from flask import Flask
from sqlalchemy import event

from ...support.service import database
from ..deployment import World
from . import NOT_HERE, broken

NOT_HERE["DB003"] = "a file takes any number of connections"
NOT_HERE["DB007"] = "a file has no roles and no network"


def told(world: World, statement: str) -> None:
    """Run a statement on each new connection, as a listener in the project's code could."""

    @world.changes.append
    def add(app: Flask) -> None:
        with app.app_context():

            @event.listens_for(database.db.engine, "connect")
            def tell(connection: Any, _: Any) -> None:
                connection.execute(statement)


@broken("DB005")
def no_timeout(world: World) -> None:
    told(world, "PRAGMA busy_timeout = 0")


@broken("DB006")
def no_foreign_keys(world: World) -> None:
    told(world, "PRAGMA foreign_keys = OFF")
