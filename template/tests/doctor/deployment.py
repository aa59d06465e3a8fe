"""A deployment that a test may break: its variables, its code, what it runs on."""

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
    """A module of the doctor."""
    return importlib.import_module(f"{PACKAGE}.doctor.{name}")


CHECKS: dict[str, Any] = part("registry").load()
Change = Callable[[Flask], object]
EVERYTHING = ("--deploy", "--live")


class World:
    """One deployment, in a folder of its own; `changes` are edits of the code."""

    def __init__(self, variables: dict[str, str], folder: Path, stack: ExitStack) -> None:
        self.variables = dict(variables)
        self.folder = folder
        self.stack = stack
        self.options: list[str] = []
        self.changes: list[Change] = []

    def app(self) -> Flask:
        """The application as wsgi.py makes it, with the edits."""
        app = create_app()
        self.stack.callback(dispose, app)
        for change in self.changes:
            change(app)
        return app

    def run(self, *options: str) -> Result:
        """`flask doctor` with these options, in this deployment."""
        info = ScriptInfo(create_app=self.app)
        with patch.dict(os.environ, self.variables, clear=True):
            return CliRunner().invoke(doctor.command, [*options, *self.options], obj=info)

    def diagnose(self, *options: str) -> dict[str, Any]:
        """What it finds, asked for everything unless options say what for."""
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
        """Serve the application over HTTP, and let the doctor ask it with --url."""
        here = self.variables | {"TRUSTED_HOSTS": "127.0.0.1"} | variables
        with patch.dict(os.environ, here, clear=True):
            app = create_app()
        self.stack.callback(dispose, app)
        service_of(app).counter.reset()  # a shared storage remembers who asked before
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
    """Tells no version, and logs nothing."""

    def version_string(self) -> str:
        return "server"

    def log(self, *_: Any) -> None:
        pass


@contextmanager
def new_database(variables: dict[str, str], *, migrated: bool = True) -> Iterator[str]:
    """The URL of a further database, for a role that owns it and no more."""
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
    """Bring the database to the newest revision."""
    with patch.dict(os.environ, variables, clear=True):
        app = create_app()
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
    dispose(app)
