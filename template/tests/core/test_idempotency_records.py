"""Idempotency records: responses are kept for a day, then pruned without affecting requests."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from ..conftest import MakeApp
from ..support.scratch import caller_of, engine_of
from ..support.service import database, idempotency, service_of
from ..support.things import Things, make_older, records, send


@pytest.fixture
def things(make_app: MakeApp) -> Things:
    return Things(make_app())


@pytest.fixture
def client(things: Things) -> FlaskClient:
    return caller_of(things.app)


@pytest.mark.parametrize(("age", "number"), [(0.99, 1), (1.01, 2)])
def test_response_is_kept_for_a_day(
    things: Things, client: FlaskClient, age: float, number: int
) -> None:
    send(client, "key")
    make_older(things.app, idempotency.KEPT * age)
    assert send(client, "key").get_json()["number"] == number
    assert records(things.app) == 1


def test_old_records_are_pruned_and_others_kept(things: Things, client: FlaskClient) -> None:
    send(client, "old")
    make_older(things.app, idempotency.KEPT)
    send(client, "new")
    with things.app.app_context(), database.transaction() as session:
        idempotency.prune(session)
    assert records(things.app) == 1
    assert send(client, "new").headers["Idempotency-Replayed"] == "true"


def test_process_prunes_at_its_first_request_and_then_periodically(
    things: Things, client: FlaskClient, make_app: MakeApp
) -> None:
    send(client, "first")
    make_older(things.app, idempotency.KEPT)
    send(client, "second")
    assert records(things.app) == 2
    another = Things(make_app())
    send(caller_of(another.app, "another"), "third")
    assert records(things.app) == 2


def test_each_request_prunes_one_batch_of_old_records(
    things: Things, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "BATCH", 2)
    for number in range(5):
        send(client, f"old-{number}")
    make_older(things.app, idempotency.KEPT)
    service_of(things.app).pruning_due = 0.0
    left = []
    for number in range(4):
        send(client, f"new-{number}")
        left.append((records(things.app) or 0) - number - 1)
    assert left == [3, 1, 0, 0]


def test_failed_pruning_does_not_fail_the_request(things: Things, client: FlaskClient) -> None:
    @event.listens_for(engine_of(things.app), "before_cursor_execute")
    def fail(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("DELETE") and "owner" not in statement:
            raise OperationalError(statement, {}, ConnectionError())

    with capture_logs() as lines:
        assert send(client, "key").status_code == 201
    assert "idempotency records not pruned" in [line["event"] for line in lines]
    assert send(client, "key").headers["Idempotency-Replayed"] == "true"
