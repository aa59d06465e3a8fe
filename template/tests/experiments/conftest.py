"""Fixtures and helpers for the tests of experiments."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

URL = "/api/v1/experiments"


@pytest.fixture(autouse=True)
def listing(caller: FlaskClient) -> Iterator[None]:
    """Check that the list still responds, whatever a test has sent."""
    yield
    assert caller.get(URL).status_code == 200


class Create(Protocol):
    """Sends a request to create an experiment with these values."""

    def __call__(self, **values: Any) -> TestResponse: ...


@pytest.fixture
def create(caller: FlaskClient) -> Create:
    return lambda **values: caller.post(URL, json={"name": "tone", "query": "Say hello"} | values)


@pytest.fixture
def tone(create: Create) -> TestResponse:
    """The response to the creation of an experiment."""
    answer = create()
    assert answer.status_code == 201
    return answer
