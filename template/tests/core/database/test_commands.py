"""Commands that use the database: they report faults in one sentence, with exit code 1."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from ...conftest import MakeApp
from ...support.ports import free_port
from ...support.service import database, database_commands

group = database_commands.DatabaseGroup("scratch")


@group.command()
def ping() -> None:
    database.db.session.execute(text("SELECT 1"))


@group.command()
def early() -> None:
    database.db.session.execute(text("SELECT * FROM not_yet"))


@group.command()
def wrong() -> None:
    database.db.session.execute(text("SELECT nothing"))


@pytest.fixture
def away(make_app: MakeApp, some_settings: dict[str, Any], tmp_path: Path) -> Flask:
    """An application whose database is unreachable."""
    url = make_url(some_settings["database_url"])
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(tmp_path / "nowhere" / "service.db"))
    else:
        url = url.set(host="127.0.0.1", port=free_port(), query={})
    return make_app(database_url=url.render_as_string(hide_password=False))


def run(app: Flask, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    """Run a `flask` command of the application."""
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    flask = FlaskGroup(create_app=lambda: app, load_dotenv=False, set_debug_flag=False)
    flask.add_command(group)
    return app.test_cli_runner().invoke(flask, arguments)


@pytest.mark.parametrize("command", ["scratch ping", "db upgrade", "db current"])
def test_unreachable_database_is_reported_in_one_sentence(
    away: Flask, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    done = run(away, monkeypatch, *command.split())
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: This command needs the database. ")
    assert done.stderr.endswith("Run `flask doctor --live` for details.\n")
    assert "sqlalchemy" not in done.stderr


def test_missing_table_is_reported_in_one_sentence(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(app, monkeypatch, "scratch", "early")
    assert done.exit_code == 1
    assert "A table is missing: run `flask db upgrade`." in done.stderr


def test_invalid_statement_keeps_its_traceback(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(app, monkeypatch, "scratch", "wrong")
    assert isinstance(done.exception, DBAPIError)
