"""MariaDB: the server's own configuration does not affect the service."""

import os

from flask import Flask
from sqlalchemy import create_engine, insert, select

from ...conftest import DATABASES, MakeApp
from ...support.scratch import Note, engine_of, scratch_tables
from ...support.service import settings


def test_names_are_quoted_correctly_in_any_server_sql_mode(app: Flask, make_app: MakeApp) -> None:
    administrator = create_engine(settings.validators.parse_database_url(os.environ[DATABASES]))
    with scratch_tables(app), administrator.begin() as server:
        usual = server.exec_driver_sql("SELECT @@GLOBAL.sql_mode").scalar()
        server.exec_driver_sql("SET GLOBAL sql_mode = 'ANSI_QUOTES'")
        try:
            engine = engine_of(make_app())
            with engine.begin() as connection:
                connection.execute(insert(Note).values(text="kept"))
                quoted = select(Note.text.label("limit"))
                assert dict(connection.execute(quoted).mappings().one()) == {"limit": "kept"}
                assert connection.exec_driver_sql('SELECT "text"').scalar() == "text"
        finally:
            server.exec_driver_sql(f"SET GLOBAL sql_mode = '{usual}'")
    administrator.dispose()
