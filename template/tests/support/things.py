"""Things: a test resource that clients create with idempotent requests."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from .service import database, errors, idempotency


class Things:
    """Routes that create things, and number them in order of creation."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.made = 0
        self.work: Callable[[Session], object] = bool
        self.refusal: int | None = None
        for path in ("/things", "/others"):
            app.post(path, endpoint=path)(idempotency.idempotent(self.make))

    def make(self, session: Session) -> Response:
        """The view."""
        self.made += 1
        self.work(session)
        if self.refusal is not None:
            return errors.problem(self.refusal)
        response = jsonify(number=self.made)
        response.status_code = 201
        response.location = f"/things/{self.made}"
        response.set_etag("1")
        return response


def send(
    client: FlaskClient, key: str | None, body: Any = None, path: str = "/things", owner: str = ""
) -> TestResponse:
    """Send a request to create a thing."""
    headers = {"X-Owner": owner} if owner else {}
    if key is not None:
        headers["Idempotency-Key"] = key
    return client.post(path, json=body or {"a": 1, "b": [2]}, headers=headers)


def records(app: Flask) -> int | None:
    """Return the number of stored responses."""
    with app.app_context(), database.transaction() as session:
        return session.scalar(select(func.count()).select_from(idempotency.IdempotencyRecord))


def make_older(app: Flask, age: dt.timedelta) -> None:
    """Backdate every stored response by `age`."""
    with app.app_context(), database.transaction() as session:
        moment = database.now() - age
        session.execute(update(idempotency.IdempotencyRecord).values(created_at=moment))
