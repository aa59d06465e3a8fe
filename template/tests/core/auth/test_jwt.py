"""Identity provider tokens: bad ones all get the same response, and routes require scopes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ...conftest import MakeApp
from ...support.apps import written_log
from ...support.bad_tokens import REFUSED, after
from ...support.issuer import Issuer, running_issuer
from ...support.service import Blueprint, current_service, declare, jwks, jwt, owner

URL = "/whoami"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def app_of(make_app: MakeApp, issuer: Issuer) -> Callable[..., Flask]:
    """Makes an application that trusts the issuer."""

    def make(**changes: Any) -> Flask:
        app = make_app(**(issuer.settings | changes))

        @app.get(URL)
        def who_am_i() -> Any:
            return jsonify(owner=owner.current_owner())

        return app

    return make


@pytest.fixture
def client(app_of: Callable[..., Flask]) -> FlaskClient:
    return app_of().test_client()


def ask(client: FlaskClient, token: str) -> TestResponse:
    return client.get(URL, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_bad_token_gets_the_same_response_as_no_token(
    client: FlaskClient, issuer: Issuer, make: Callable[[Issuer], str]
) -> None:
    assert ask(client, issuer.token("me")).status_code == 200
    bad, none = ask(client, make(issuer)), client.get(URL)
    assert bad.status_code == none.status_code == 401
    assert bad.headers["WWW-Authenticate"] == none.headers["WWW-Authenticate"] == "Bearer"
    unlike = {"request_id": ""}
    assert bad.get_json() | unlike == none.get_json() | unlike


ADMITTED: dict[str, Callable[[Issuer], str]] = {
    "a good one": lambda issuer: issuer.token("me"),
    "expired a moment ago": lambda issuer: issuer.token("me", exp=after(-15)),
    "valid in a moment": lambda issuer: issuer.token("me", nbf=after(15)),
    "for several audiences": lambda issuer: issuer.token("me", aud=["other", "tests"]),
    "without what may be left out": lambda issuer: issuer.token("me", iat=None, scope=None),
    "of a type in full": lambda issuer: issuer.sign(issuer.claims("me"), typ="application/JWT"),
    "with more in its header": lambda issuer: issuer.sign(
        issuer.claims("me"), typ="at+jwt", nonce="x"
    ),
}


@pytest.mark.parametrize("make", ADMITTED.values(), ids=ADMITTED)
def test_good_token_is_accepted(
    client: FlaskClient, issuer: Issuer, make: Callable[[Issuer], str]
) -> None:
    assert ask(client, make(issuer)).status_code == 200


def test_token_expires_to_the_second_without_leeway(
    app_of: Callable[..., Flask], issuer: Issuer
) -> None:
    client = app_of(jwt_leeway=0).test_client()
    assert ask(client, issuer.token("me", exp=after(-1))).status_code == 401


def test_owner_is_derived_from_subject_and_issuer(client: FlaskClient, issuer: Issuer) -> None:
    owners = {
        name: ask(client, issuer.token(name)).get_json()["owner"] for name in ("one", "another")
    }
    assert owners["one"] == jwt.owner_of(issuer.url, "one")
    assert len({*owners.values(), jwt.owner_of("https://other.example", "one")}) == 3


def test_response_is_503_while_no_key_is_available(client: FlaskClient, issuer: Issuer) -> None:
    issuer.status = 500
    answer = ask(client, issuer.token("me"))
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Retry-After"] == "10"
    assert client.get("/livez").status_code == 200


def allowed(app: Flask, method: str, path: str, scope: Any, issuer: Issuer) -> bool:
    token = issuer.token("me", **({"scope": scope} if isinstance(scope, str) else {"scp": scope}))
    answer = app.test_client().open(
        path, method=method, headers={"Authorization": f"Bearer {token}"}
    )
    if answer.status_code == 403:
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith('Bearer error="insufficient_scope"')
    return answer.status_code != 403


def test_route_requires_the_scope_of_its_blueprint(
    app_of: Callable[..., Flask], issuer: Issuer
) -> None:
    app = app_of()
    blueprint = Blueprint("here", __name__)

    @blueprint.route("/here")
    def read() -> Response:
        return Response()

    @blueprint.route("/here", methods=["POST"])
    def write() -> Response:
        return Response()

    @blueprint.route("/special")
    @blueprint.declare(scope="here:special")
    def special() -> Response:
        return Response()

    app.register_blueprint(blueprint)
    wanted = {
        ("GET", "/here"): "here:read",
        ("HEAD", "/here"): "here:read",
        ("POST", "/here"): "here:write",
        ("GET", "/special"): "here:special",
    }
    for (method, path), scope in wanted.items():
        assert allowed(app, method, path, scope, issuer)
        assert allowed(app, method, path, f"other {scope} more", issuer)
        assert allowed(app, method, path, [scope], issuer)
        others = {"here", "here:", "other:read", *wanted.values()} - {scope}
        for bad in ("", "here", scope.upper(), f"{scope}x", " ".join(others), [1, None], [[scope]]):
            assert not allowed(app, method, path, bad, issuer), (method, path, bad)
    assert allowed(app, "OPTIONS", "/here", "", issuer)


def test_every_non_public_route_requires_a_scope(app: Flask) -> None:
    with app.app_context():
        for rule in app.url_map.iter_rules():
            if not current_service().routes.of(rule.endpoint, "GET").public:
                assert current_service().routes.scope_of(rule.endpoint, "POST"), rule


def test_openapi_document_lists_every_scope(app: Flask) -> None:
    with app.app_context():
        wanted = jwt.every_scope()
    document = app.test_client().get("/api/openapi.json").get_json()
    named = {
        scope
        for operations in document["paths"].values()
        for operation in operations.values()
        if isinstance(operation, dict)
        for requirement in operation.get("security", [])
        for scope in requirement.get("bearer", [])
    }
    assert named == wanted


def test_only_asymmetric_algorithms_are_allowed() -> None:
    assert not any(name.startswith("HS") or name == "none" for name in jwks.KEY_TYPES)


def test_missing_scope_and_wrong_token_type_are_security_events(
    app_of: Callable[..., Flask], issuer: Issuer
) -> None:
    with written_log() as log:
        app = app_of()
    app.view_functions["who_am_i"] = declare(scope="here:special")(app.view_functions["who_am_i"])
    ask(app.test_client(), issuer.token("me")).close()
    ask(app.test_client(), issuer.sign(issuer.claims("me"), typ="logout+jwt")).close()
    lines = [line for line in log.lines() if line["logger"] == "audit"]
    told = [line["message"] for line in lines]
    assert told == ["scope missing", "unsupported token type", "credential rejected"]
    assert {line["client"] for line in lines} == {"127.0.0.1"}
    owner = jwt.owner_of(issuer.url, "me")
    assert (lines[0]["scope"], lines[0]["owner"]) == ("here:special", owner)
