"""MariaDB faults."""

import os
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url

from ...conftest import DATABASES
from ...support.service import database, settings
from ..deployment import World, new_database
from . import broken
from .database import owned_by_the_server


def run(url: str, statement: str) -> None:
    """Run a statement as the URL's user."""
    engine = create_engine(settings.validators.parse_database_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def allow_connections(user: str, most: int) -> None:
    """Limit the connections that a user may have open at once; 0 means unlimited."""
    for host in ("localhost", "%%"):
        statement = f"ALTER USER `{user}`@`{host}` WITH MAX_USER_CONNECTIONS {most}"
        run(os.environ[DATABASES], statement)


@broken("DB003")
def few_connections(world: World) -> None:
    user = str(make_url(world.variables["DATABASE_URL"]).username)
    allow_connections(user, 3)
    world.stack.callback(allow_connections, user, 0)


@broken("DB005")
def no_timeout(world: World) -> None:
    @world.changes.append
    def add(app: Flask) -> None:
        with app.app_context():

            @event.listens_for(database.db.engine, "connect")
            def take_back(connection: Any, _: Any) -> None:
                connection.query("SET SESSION max_statement_time = 0")


@broken("DB006")
def other_character_set(world: World) -> None:
    url = world.stack.enter_context(new_database(world.variables))
    run(url, "ALTER TABLE idempotency_records CONVERT TO CHARACTER SET latin1")
    world.variables["DATABASE_URL"] = url


broken("DB007")(owned_by_the_server)
