"""Applications for single tests: their authenticated clients, and their logs."""

import io
import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from ..conftest import client_with, dispose, make_credential
from .service import config, create_app, database, errors, service, service_of, settings


@contextmanager
def further_app(some_settings: dict[str, Any], **changes: Any) -> Iterator[Flask]:
    """Create an application for a module's tests to share; clean the database up afterwards."""
    app = create_app(settings.Settings(**(some_settings | changes)))
    yield app
    service_of(app).counter.reset()
    with app.app_context(), database.transaction() as session:
        for table in reversed(database.Base.metadata.sorted_tables):
            session.execute(delete(table))
    dispose(app)


def client_of(app: Flask, credential: dict[str, str] | None = None) -> FlaskClient:
    """Return a client whose requests carry the credential.

    Without one, create a new credential, which lasts until a test that uses `app` has ended.
    """
    if credential is None:
        credential = make_credential(app, secrets.token_hex(8))
    return client_with(app, credential)


def bare_app() -> Flask:
    """Create an application with only the service object, its config and its error handlers."""
    app = Flask(__name__)
    found = settings.Settings(
        secret_key=secrets.token_hex(32),
        database_url="sqlite://",
        ratelimit_storage_uri="memory://",
    )
    service.init_app(app, found)
    config.init_app(app, found)
    errors.init_app(app)
    return app


class Log(io.StringIO):
    """The log of an application created inside `written_log`, also after the block."""

    def getvalue(self) -> str:
        """Return the whole log; flush first, since a thread writes it."""
        for handler in logging.getLogger().handlers:
            handler.flush()
        return super().getvalue()

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines, parsed from JSON."""
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def last(self) -> dict[str, Any]:
        """Return the last line."""
        return self.lines()[-1]


@contextmanager
def written_log(log: Log | None = None) -> Iterator[Log]:
    """Capture the log of an application created in the block, in place of standard error."""
    with redirect_stderr(log or Log()) as log:
        yield log
