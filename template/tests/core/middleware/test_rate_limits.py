"""Rate limits: a client over its limit gets 429, and other clients are unaffected."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ...conftest import MakeApp
from ...support.apps import written_log
from ...support.scratch import caller_of
from ...support.service import declare, limiter, rate_limits, set_owner

SHOWN = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
NOWHERE = "/nothing"  # matches no route, so needs no credential: 404 until the limit is reached


@pytest.fixture
def strict(make_app: MakeApp) -> Flask:
    """An application that allows two requests per minute, only one of them a write."""
    return make_app(ratelimit_default="2 per minute", ratelimit_writes="1 per minute")


def ask(client: FlaskClient, method: str = "GET", path: str = NOWHERE, **options: Any) -> int:
    return client.open(path, method=method, **options).status_code


def ask_from(client: FlaskClient, address: str) -> int:
    return ask(client, environ_overrides={"REMOTE_ADDR": address})


def shown(answer: TestResponse) -> list[str | None]:
    return [answer.headers.get(name) for name in SHOWN]


def test_request_over_the_limit_is_rejected_with_a_problem(strict: Flask) -> None:
    client = strict.test_client()
    assert [ask(client), ask(client)] == [404, 404]
    answer = client.get(NOWHERE)
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == 429
    assert answer.get_json()["request_id"] == answer.headers["X-Request-ID"]
    limit, remaining, reset = shown(answer)
    assert (limit, remaining) == ("2", "0")
    assert 0 < int(reset or 0) <= 60
    assert answer.headers["Retry-After"] == reset


def test_every_response_shows_the_limits_and_only_429_has_retry_after(
    strict: Flask,
) -> None:
    client = strict.test_client()
    answers = [client.get("/api/openapi.json"), client.get(NOWHERE), client.get(NOWHERE)]
    assert [answer.status_code for answer in answers] == [200, 404, 429]
    assert [shown(answer)[:2] for answer in answers] == [["2", "1"], ["2", "0"], ["2", "0"]]
    assert ["Retry-After" in answer.headers for answer in answers] == [False, False, True]


def test_the_tightest_limit_is_shown(strict: Flask) -> None:
    answer = strict.test_client().post(NOWHERE)
    assert shown(answer)[:2] == ["1", "0"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_all_write_methods_share_one_limit(strict: Flask, method: str) -> None:
    client = strict.test_client()
    assert [ask(client, "POST"), ask(client, method)] == [404, 429]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reads_do_not_count_against_the_write_limit(make_app: MakeApp, method: str) -> None:
    client = make_app(ratelimit_writes="1 per minute").test_client()
    assert [ask(client, method), ask(client, method), ask(client, "POST")] == [404, 404, 404]
    assert [ask(client, "POST"), ask(client, method)] == [429, 404]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("OPTIONS", "/api/openapi.json"),
        ("OPTIONS", NOWHERE),
        ("HEAD", "/api/openapi.json"),
        ("POST", "/livez"),
    ],
)
def test_only_health_checks_are_not_counted(strict: Flask, method: str, path: str) -> None:
    client = strict.test_client()
    assert ask(client, method, path) != 429
    assert [ask(client), ask(client)][-1] == 429


def test_all_paths_are_counted_together(strict: Flask) -> None:
    client = strict.test_client()
    assert [ask(client, path=f"/{number}") for number in range(3)] == [404, 404, 429]


def test_other_addresses_are_not_limited(strict: Flask) -> None:
    client = strict.test_client()
    assert [ask_from(client, "192.0.2.1") for _ in range(3)] == [404, 404, 429]
    assert ask_from(client, "192.0.2.2") == 404


def test_addresses_in_one_ipv6_network_are_counted_together(strict: Flask) -> None:
    client = strict.test_client()
    inside = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8::a:b:c:d"]
    assert [ask_from(client, address) for address in inside] == [404, 404, 429]
    assert ask_from(client, "2001:db8:0:1::1") == 404


def test_networks_in_one_wider_network_share_a_limit(strict: Flask) -> None:
    client = strict.test_client()
    asked = [ask_from(client, f"2001:db8:7:{n:x}::1") for n in range(2 * rate_limits.WIDER + 1)]
    assert asked == [404] * 2 * rate_limits.WIDER + [429]
    assert ask_from(client, "2001:db8:8::1") == 404


def test_ipv4_mapped_ipv6_address_counts_as_ipv4(strict: Flask) -> None:
    client = strict.test_client()
    spellings = ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"]
    assert [ask_from(client, address) for address in spellings] == [404, 404, 429]


def test_verified_owner_is_counted_across_addresses(strict: Flask) -> None:
    identified = strict.before_request_funcs.setdefault(None, [])
    identified.insert(0, lambda: set_owner(request.headers["X-Owner"]))
    client = strict.test_client()

    def ask_as(owner: str, address: str) -> int:
        headers, peer = {"X-Owner": owner}, {"REMOTE_ADDR": address}
        return ask(client, headers=headers, environ_overrides=peer)

    assert [ask_as("one", f"192.0.2.{number}") for number in range(3)] == [404, 404, 429]
    assert ask_as("another", "192.0.2.0") == 404


def plain() -> str:
    return "answer"


def limited() -> str:
    return "answer"


@pytest.mark.parametrize("view", [plain, limited])
def test_blueprint_or_route_may_have_its_own_limit(
    make_app: MakeApp, view: Callable[[], str]
) -> None:
    app = make_app(ratelimit_default="3 per minute")
    limit = limiter.limit("1 per minute")
    blueprint = Blueprint(f"own_{view.__name__}", __name__)
    blueprint.add_url_rule("/own", "view", limit(view) if view is limited else view)
    if view is plain:
        limit(blueprint)
    app.register_blueprint(blueprint)
    client = caller_of(app)
    answers = [client.get("/own") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert [shown(answer)[:2] for answer in answers] == [["1", "0"], ["1", "0"]]
    assert int(answers[1].headers["Retry-After"]) > 0
    # These requests also count against the limit of the whole service.
    assert [ask(client), ask(client)] == [404, 429]


def test_a_route_may_be_exempt(strict: Flask) -> None:
    strict.add_url_rule("/exempt", "exempt", limiter.exempt(lambda: "answer"))
    strict.add_url_rule("/declared", "declared", declare(exempt={"rate_limit": "A test."})(plain))
    client = caller_of(strict)
    for path in ("/exempt", "/declared"):
        assert [client.get(path).status_code for _ in range(4)] == [200] * 4


def test_routes_may_share_a_limit(strict: Flask) -> None:
    shared = limiter.shared_limit("1 per minute", scope="shared")
    for view in (plain, limited):
        strict.add_url_rule(f"/{view.__name__}", view.__name__, shared(view))
    client = caller_of(strict)
    assert [client.get(path).status_code for path in ("/plain", "/limited")] == [200, 429]


def test_each_application_has_its_own_limits(make_app: MakeApp) -> None:
    view = limiter.limit("1 per minute")(lambda: "answer")
    limited, unlimited = make_app(), make_app(ratelimit_enabled=False)
    for app in (limited, unlimited):
        app.add_url_rule("/own", "own", view)
    client = caller_of(unlimited, "one")
    assert [client.get("/own").status_code for _ in range(3)] == [200] * 3
    client = caller_of(limited, "another")
    assert [client.get("/own").status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/api/health"])
def test_health_checks_are_neither_counted_nor_limited(strict: Flask, path: str) -> None:
    client = strict.test_client()
    assert [ask(client, path=path) for _ in range(4)] == [200] * 4
    assert shown(client.get(path)) == [None, None, None]
    assert [ask(client), ask(client), ask(client)] == [404, 404, 429]
    assert ask(client, path=path) == 200


def test_rate_limits_can_be_turned_off(make_app: MakeApp) -> None:
    client = make_app(ratelimit_enabled=False, ratelimit_default="1 per day").test_client()
    answers = [client.post(NOWHERE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert shown(answers[-1]) == [None, None, None]


def test_requests_are_counted_in_the_configured_storage(
    make_app: MakeApp, some_settings: dict[str, Any]
) -> None:
    one, another = (make_app(ratelimit_default="1 per minute").test_client() for _ in range(2))
    in_memory = some_settings["ratelimit_storage_uri"] == "memory://"
    assert [ask(one), ask(one)] == [404, 429]
    assert ask(another) == (404 if in_memory else 429)


def test_reaching_a_limit_is_one_security_event(make_app: MakeApp) -> None:
    with written_log() as log:
        client = make_app(ratelimit_default="2 per hour").test_client()
    statuses = [client.get(NOWHERE).status_code for _ in range(5)]
    assert statuses == [404, 404, 429, 429, 429]
    (line,) = [line for line in log.lines() if line["logger"] == "audit"]
    assert (line["message"], line["client"]) == ("limit reached", "127.0.0.1")


def test_limit_headers_include_deductions_after_the_view(make_app: MakeApp) -> None:
    app = make_app()
    deducting = limiter.limit("5 per minute", deduct_when=lambda response: True)
    app.add_url_rule("/deducts", "deducts", deducting(lambda: "answer"))
    assert shown(caller_of(app).get("/deducts"))[:2] == ["5", "4"]
