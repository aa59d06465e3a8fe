"""PostgreSQL privileges: a role that may not create tables, the default since PostgreSQL 15."""

import os

import psycopg
import pytest
from click import ClickException
from sqlalchemy.engine import make_url

from ..conftest import DATABASES
from .deployment import World, migrate, new_database


@pytest.fixture
def empty_world(world: World) -> World:
    """A deployment with an empty database, whose role may not create tables."""
    url = world.stack.enter_context(new_database(world.variables, migrated=False))
    world.variables["DATABASE_URL"] = url
    name = make_url(url).database
    server = make_url(os.environ[DATABASES]).set(drivername="postgresql", database=name)
    plain = server.render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("ALTER SCHEMA public OWNER TO CURRENT_USER")
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    return world


def test_role_that_may_not_create_tables_is_reported(empty_world: World) -> None:
    details = [each["detail"] for each in empty_world.diagnose("--live")["findings"]]
    assert details[0].startswith("The database is at no revision")
    assert details[1].startswith("The role of DATABASE_URL may not create tables: as the owner")


def test_upgrade_without_create_privilege_explains_the_failure(empty_world: World) -> None:
    with pytest.raises(ClickException, match="may not create or change tables, and nothing was"):
        migrate(empty_world.variables)
