"""Bearer authentication: every route requires a credential, except for the public ones."""

from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ...conftest import MakeApp, make_credential
from ...support.apps import written_log
from ...support.routes import every_request
from ...support.scratch import caller_of
from ...support.service import owner, service_of

KEY = "sk_0123456789ab_" + "a" * 43
PUBLIC = {"health.livez", "health.readyz", "health.report", "openapi"}
BAD = [
    *["", "Bearer", "Bearer ", "Bearer sk_", "Bearer é", "Bearer %00", "Bearer " + "x" * 8000],
    *[KEY, f"Basic {KEY}", f"BearerX {KEY}", f"Bearer,{KEY}", 'Digest username="a", nonce='],
    *[f"Bearer {KEY}", f"Bearer {KEY} {KEY}", f"Bearer {KEY[:-1]}", f"Bearer {KEY}x"],
    *[f"Bearer {KEY.upper()}", "Basic c29tZWJvZHk6c2VjcmV0"],
]


def with_a_route(app: Flask) -> Flask:
    @app.get("/whoami")
    def who_am_i() -> Any:
        return jsonify(owner=owner.current_owner())

    return app


@pytest.fixture
def open_app(make_app: MakeApp) -> Flask:
    """An application with an extra route, which requires a credential by default."""
    return with_a_route(make_app())


@pytest.fixture
def stranger(open_app: Flask) -> FlaskClient:
    return open_app.test_client()


def assert_refused(answer: TestResponse) -> None:
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_every_non_public_route_rejects_anonymous_requests(
    open_app: Flask, stranger: FlaskClient
) -> None:
    seen = set()
    for rule, method, path in every_request(open_app):
        answer = stranger.open(path, method=method)
        public = service_of(open_app).routes.of(rule.endpoint, method).public
        assert (answer.status_code == 401) == (not public), path
        if answer.status_code == 401:
            assert_refused(answer)
        if public:
            seen.add(rule.endpoint)
    assert seen >= PUBLIC


def test_every_bad_credential_gets_the_same_response(stranger: FlaskClient) -> None:
    without = stranger.get("/whoami").get_json()
    for authorization in BAD:
        answer = stranger.get("/whoami", headers={"Authorization": authorization})
        assert_refused(answer)
        assert answer.get_json() | {"request_id": ""} == without | {"request_id": ""}


def test_known_key_prefix_with_a_wrong_secret_is_rejected(
    open_app: Flask, stranger: FlaskClient
) -> None:
    valid = make_credential(open_app, "somebody")["Authorization"]
    assert stranger.get("/whoami", headers={"Authorization": valid}).status_code == 200
    for cut in (2, 43):
        wrong = valid[:-cut] + "".join("A" if letter != "A" else "B" for letter in valid[-cut:])
        assert_refused(stranger.get("/whoami", headers={"Authorization": wrong}))


def test_only_the_bearer_scheme_is_accepted_in_any_case(
    open_app: Flask, stranger: FlaskClient
) -> None:
    key = make_credential(open_app, "somebody")["Authorization"].partition(" ")[2]
    statuses = {"Bearer": 200, "bearer": 200, "BEARER": 200, "Basic": 401, "Token": 401, "": 401}
    for scheme, status in statuses.items():
        headers = {"Authorization": f"{scheme} {key}"}
        assert stranger.get("/whoami", headers=headers).status_code == status, scheme


def test_key_in_the_query_or_a_cookie_is_rejected(open_app: Flask, stranger: FlaskClient) -> None:
    key = make_credential(open_app, "somebody")["Authorization"].partition(" ")[2]
    for name in ("api_key", "key", "token", "access_token", "authorization"):
        stranger.set_cookie(name, key)
        assert_refused(stranger.get("/whoami", query_string={name: key}))


def test_each_key_name_has_its_own_owner(open_app: Flask) -> None:
    names = ["one", "another", "third"]
    owners = [caller_of(open_app, name).get("/whoami").get_json()["owner"] for name in names]
    assert len({*owners, owner.ANYBODY}) == len(names) + 1


def test_unmatched_and_options_requests_need_no_credential(stranger: FlaskClient) -> None:
    assert stranger.get("/nothing").status_code == 404
    assert stranger.post("/whoami").status_code == 405
    assert stranger.options("/whoami").status_code == 200


def test_failed_attempts_count_against_the_address_and_not_the_owner(make_app: MakeApp) -> None:
    app = with_a_route(make_app(ratelimit_default="2 per minute"))
    headers = {"Authorization": f"Bearer {KEY}"}
    stranger, caller = app.test_client(), caller_of(app)
    attempts = [stranger.get("/whoami", headers=headers).status_code for _ in range(3)]
    assert attempts == [401, 401, 429]
    assert [caller.get("/whoami").status_code for _ in range(3)] == [200, 200, 429]


def test_owners_behind_one_address_have_separate_limits(make_app: MakeApp) -> None:
    app = with_a_route(make_app(ratelimit_default="1 per minute"))
    one, another = caller_of(app, "one"), caller_of(app, "another")
    assert [one.get("/whoami").status_code for _ in range(2)] == [200, 429]
    assert another.get("/whoami").status_code == 200


def attempts(app: Flask, key: str, count: int, address: int = 0) -> list[int]:
    """The statuses of `count` requests with this key, each from a different address."""
    client = app.test_client()
    headers = {"Authorization": f"Bearer {key}"}
    return [
        client.get(
            "/whoami",
            headers=headers,
            environ_overrides={"REMOTE_ADDR": f"198.51.100.{address + number}"},
        ).status_code
        for number in range(count)
    ]


def test_guesses_at_one_key_are_limited_across_addresses(open_app: Flask) -> None:
    credential = make_credential(open_app, "somebody")["Authorization"]
    valid = credential.partition(" ")[2]
    wrong = valid[:-43] + valid[-43:].swapcase()
    assert attempts(open_app, wrong, 12) == [401] * 10 + [429] * 2
    assert attempts(open_app, valid, 3) == [200] * 3, "the valid key is still accepted"
    assert attempts(open_app, KEY, 2, 100) == [401] * 2, "guesses at another key count separately"


def test_failed_attempts_are_unlimited_without_rate_limits(make_app: MakeApp) -> None:
    app = with_a_route(make_app(ratelimit_enabled=False))
    assert attempts(app, KEY, 12) == [401] * 12


@pytest.mark.parametrize(("credential", "shown"), [(KEY, KEY[:15]), ("canary-of-a-secret", None)])
def test_rejected_credential_is_a_security_event(
    make_app: MakeApp, credential: str, shown: str | None
) -> None:
    with written_log() as log:
        stranger = with_a_route(make_app()).test_client()
    stranger.get("/whoami").close()  # without a credential, nothing is recorded
    answer = stranger.get("/whoami", headers={"Authorization": f"Bearer {credential}"})
    (line,) = [line for line in log.lines() if line["logger"] == "audit"]
    assert (line["message"], line["client"]) == ("credential rejected", "127.0.0.1")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line.get("key") == shown
    assert "canary" not in log.getvalue()
    assert KEY[15:] not in log.getvalue()
