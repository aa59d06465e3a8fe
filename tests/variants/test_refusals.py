"""The production server rejects one request of each invalid kind, always with a problem."""

from collections.abc import Iterator
from typing import Any

import pytest

from tools.project import Answer, Service

EXPERIMENTS = "/api/v1/experiments"
GOOD = {"name": "refused", "query": "hello"}


class Caller:
    """A client with a credential."""

    def __init__(self, service: Service, bearer: dict[str, str]) -> None:
        self._service = service
        self._bearer = bearer

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._service.call(method, path, body, self._bearer | named)


@pytest.fixture
def caller(service: Service, bearer: dict[str, str]) -> Caller:
    return Caller(service, bearer)


@pytest.fixture
def example(answers: dict[str, Any]) -> bool:
    """Skip the test if the variant does not have the example resource."""
    if not answers["example"]:
        pytest.skip("needs the example resource")
    return True


@pytest.fixture
def item(caller: Caller, example: bool) -> Iterator[str]:
    """The path of an experiment, for requests that are rejected."""
    path: str = caller.call("POST", EXPERIMENTS, GOOD).headers["Location"]
    yield path
    etag = caller.call("GET", path).headers["ETag"]
    assert caller.call("DELETE", path, If_Match=etag).status == 204


def refused(answer: Answer, status: int) -> Answer:
    """Assert that the response is a problem with this status, and return it."""
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["status"] == status
    assert answer.body["request_id"] == answer.headers["X-Request-ID"]
    return answer


def test_foreign_host_is_rejected(caller: Caller) -> None:
    refused(caller.call("GET", "/api/health", Host="elsewhere.example"), 400)


def test_unknown_path_is_rejected(caller: Caller) -> None:
    refused(caller.call("GET", "/nothing"), 404)


def test_unsupported_method_is_rejected(caller: Caller) -> None:
    answer = refused(caller.call("POST", "/api/health", {}), 405)
    assert "GET" in answer.headers["Allow"]


def test_requests_over_the_rate_limit_are_rejected(service: Service) -> None:
    """Uses its own client address, so no other test is limited. Workers may count separately."""
    hasty = {"X-Forwarded-For": "203.0.113.1"}
    for _ in range(100):
        answer = service.call("POST", "/nothing", {}, hasty)
        if answer.status != 404:
            break
    refused(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0


def test_missing_or_invalid_credential_is_rejected(
    service: Service, bearer: dict[str, str], example: bool
) -> None:
    if not bearer:
        pytest.skip("the service has no authentication")
    for credential in ({}, {"Authorization": "Bearer nonsense"}):
        answer = refused(service.call("GET", EXPERIMENTS, headers=credential), 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_invalid_json_is_rejected(caller: Caller, example: bool) -> None:
    refused(caller.call("POST", EXPERIMENTS, b"{"), 400)


def test_unsupported_media_type_is_rejected(caller: Caller, example: bool) -> None:
    refused(caller.call("POST", EXPERIMENTS, b"name=x", Content_Type="text/plain"), 415)


def test_oversized_body_is_rejected(caller: Caller, example: bool) -> None:
    refused(caller.call("POST", EXPERIMENTS, b" " * 2_000_000), 413)


def test_invalid_values_are_rejected(caller: Caller, example: bool) -> None:
    answer = refused(caller.call("POST", EXPERIMENTS, {"name": "", "limit": "1"}), 422)
    assert {error["field"] for error in answer.body["errors"]} == {"name", "query", "limit"}


def test_unknown_query_argument_is_rejected(caller: Caller, example: bool) -> None:
    refused(caller.call("GET", f"{EXPERIMENTS}?nothing=1"), 422)


def test_duplicate_name_is_rejected(caller: Caller, item: str) -> None:
    refused(caller.call("POST", EXPERIMENTS, GOOD), 409)


def test_missing_or_stale_precondition_is_rejected(caller: Caller, item: str) -> None:
    refused(caller.call("PATCH", item, {"limit": 7}), 428)
    refused(caller.call("PATCH", item, {"limit": 7}, If_Match='"stale"'), 412)
