"""PostgreSQL faults."""

import os
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url

from ...conftest import DATABASES
from ...support.service import database
from ..deployment import World, migrate, new_database
from . import broken
from .database import owned_by_the_server


def administer(statement: str) -> None:
    """Run a statement as the server's superuser."""
    url = make_url(os.environ[DATABASES]).set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


@broken("DB003")
def few_connections(world: World) -> None:
    role = make_url(world.variables["DATABASE_URL"]).username
    administer(f'ALTER ROLE "{role}" CONNECTION LIMIT 3')
    world.stack.callback(administer, f'ALTER ROLE "{role}" CONNECTION LIMIT -1')


@broken("DB005")
def no_timeout(world: World) -> None:
    @world.changes.append
    def add(app: Flask) -> None:
        with app.app_context():

            @event.listens_for(database.db.engine, "connect")
            def take_back(connection: Any, _: Any) -> None:
                connection.execute("SET statement_timeout = 0")
                connection.commit()


@broken("DB006")
def other_encoding(world: World) -> None:
    url = world.stack.enter_context(new_database(world.variables, migrated=False))
    name = make_url(url).database
    administer(f'DROP DATABASE "{name}"')
    options = "ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'"
    administer(f'CREATE DATABASE "{name}" OWNER "{name}" {options}')
    world.variables["DATABASE_URL"] = url
    migrate(world.variables)


broken("DB007")(owned_by_the_server)
