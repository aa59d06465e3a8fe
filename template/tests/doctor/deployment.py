"""A deployment for tests to break: its environment variables, its code and its servers."""

import importlib
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from ssl import SSLContext
from typing import Any
from unittest.mock import patch

import flask_migrate
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo
from werkzeug.serving import WSGIRequestHandler, make_server

from ..conftest import DATABASES, ROOT, dispose
from ..support.ports import free_port
from ..support.service import (
    PACKAGE,
    create_app,
    doctor,
    drop_database,
    drop_role,
    make_database,
    make_role,
    service_of,
)


def part(name: str) -> Any:
    """Import a module of the doctor."""
    return importlib.import_module(f"{PACKAGE}.doctor.{name}")


CHECKS: dict[str, Any] = part("registry").load()
Change = Callable[[Flask], object]
EVERYTHING = ("--deploy", "--live")


class World:
    """One deployment in its own folder; `changes` stand for edits of its code."""

    def __init__(self, variables: dict[str, str], folder: Path, stack: ExitStack) -> None:
        self.variables = dict(variables)
        self.folder = folder
        self.stack = stack
        self.options: list[str] = []
        self.changes: list[Change] = []

    def app(self) -> Flask:
        """Create the application as wsgi.py does, and apply the changes."""
        app = create_app()
        self.stack.callback(dispose, app)
        for change in self.changes:
            change(app)
        return app

    def run(self, *options: str) -> Result:
        """Run `flask doctor` with these options in this deployment."""
        info = ScriptInfo(create_app=self.app)
        with patch.dict(os.environ, self.variables, clear=True):
            return CliRunner().invoke(doctor.command, [*options, *self.options], obj=info)

    def diagnose(self, *options: str) -> dict[str, Any]:
        """Return the doctor's report; it runs every kind of check unless options are given."""
        result = self.run(*(options or EVERYTHING), "--format=json")
        assert result.stdout, result.exception
        report: dict[str, Any] = json.loads(result.stdout)
        return report

    def serve(
        self,
        change: Change | None = None,
        tls: SSLContext | None = None,
        threaded: bool = True,
        **variables: str,
    ) -> None:
        """Serve the application over HTTP, and pass its address to the doctor with --url."""
        here = self.variables | {"TRUSTED_HOSTS": "127.0.0.1"} | variables
        with patch.dict(os.environ, here, clear=True):
            app = create_app()
        self.stack.callback(dispose, app)
        service_of(app).counter.reset()  # shared storage still counts earlier requests
        if change:
            change(app)
        port = free_port()
        server = make_server(
            "127.0.0.1", port, app, threaded, request_handler=Quiet, ssl_context=tls
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        self.stack.callback(server.server_close)
        self.stack.callback(thread.join)
        self.stack.callback(server.shutdown)
        scheme = "https" if tls else "http"
        self.options.append(f"--url={scheme}://127.0.0.1:{port}")


class Quiet(WSGIRequestHandler):
    """Request handler that hides its version and logs nothing."""

    def version_string(self) -> str:
        return "server"

    def log(self, *_: Any) -> None:
        pass


@contextmanager
def new_database(variables: dict[str, str], *, migrated: bool = True) -> Iterator[str]:
    """Create another database and yield its URL, with a role that owns only this database."""
    server, name = os.environ[DATABASES], f"test_{secrets.token_hex(8)}"
    make_database(server, name)
    url = make_role(server, name)
    try:
        if migrated:
            migrate(variables | {"DATABASE_URL": url})
        yield url
    finally:
        drop_database(server, name)
        drop_role(server, name)


def migrate(variables: dict[str, str]) -> None:
    """Upgrade the database to the newest revision."""
    with patch.dict(os.environ, variables, clear=True):
        app = create_app()
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
    dispose(app)
