"""Security: the headers of every answer, trusted hosts, HTTPS and cookies."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, session
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from marshmallow import Schema
from werkzeug.test import TestResponse

from .apps import client_of, further_app
from .conftest import MakeApp
from .service import openapi, security

PROBES = ("/livez", "/readyz")


@pytest.fixture(scope="module")
def answering(shared_app: Flask, some_settings: dict[str, Any]) -> Iterator[Flask]:
    """An application with routes that answer what the service's own need a resource for."""
    blueprint = openapi.ApiBlueprint("here", "Routes of a test")

    @blueprint.route("/here", "POST")
    @blueprint.body(Schema())
    def post(body: object) -> Response:
        return Response(status=201)

    with further_app(some_settings, max_content_length=1024) as app:
        app.register_blueprint(blueprint.smorest)

        @app.get("/fault")
        def fault() -> Response:
            raise RuntimeError("a fault of ours")

        @app.get("/same")
        def same() -> Response:
            return Response(status=304)

        yield app


@pytest.fixture(scope="module")
def choosy(shared_app: Flask, some_settings: dict[str, Any]) -> Iterator[FlaskClient]:
    """A client of an application that trusts some hosts."""
    hosts = ["api.Example.com", ".SUB.example.com", "[::1]"]
    with further_app(some_settings, trusted_hosts=hosts) as app:
        yield app.test_client()


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/livez", {}, 200),
        ("POST", "/here", {"json": {}}, 201),
        ("OPTIONS", "/here", {}, 200),
        ("GET", "/same", {}, 304),
        ("POST", "/here", {"data": "{", "content_type": "application/json"}, 400),
        ("GET", "/nothing", {}, 404),
        ("DELETE", "/here", {}, 405),
        ("POST", "/here", {"json": "x" * 2000}, 413),
        ("POST", "/here", {"data": "x"}, 415),
        ("POST", "/here", {"json": []}, 422),
        ("GET", "/fault", {}, 500),
    ],
)
def test_every_answer_has_every_header(
    answering: Flask, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    answer = client_of(answering).open(path, method=method, **options)
    assert answer.status_code == status
    check_headers(answer)


def check_headers(answer: TestResponse) -> None:
    for name, value in security.RESPONSE_HEADERS:
        assert answer.headers.getlist(name) == [value]
    assert "Server" not in answer.headers


def test_a_refusal_by_the_limits_has_every_header(make_app: MakeApp) -> None:
    client = make_app(ratelimit_default="1 per day").test_client()
    answers = [client.get("/nothing") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 429]
    check_headers(answers[1])


def test_the_headers_are_those_that_were_decided() -> None:
    headers = dict(security.RESPONSE_HEADERS)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "max-age=63072000" in headers["Strict-Transport-Security"]


def test_a_route_may_set_a_header_of_its_own(make_app: MakeApp, credential: dict[str, str]) -> None:
    app = make_app()

    @app.get("/kept")
    def kept() -> Response:
        return Response(headers={"cache-control": "private, max-age=60"})

    answer = client_of(app, credential).get("/kept")
    assert answer.headers.getlist("Cache-Control") == ["private, max-age=60"]


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("api.example.com", True),
        ("API.Example.COM", True),
        ("api.example.com:8000", True),
        ("api.example.com.", True),
        ("api.example.com.:443", True),
        ("a.sub.example.com", True),
        ("[::1]:8000", True),
        ("sub.example.com", False),
        ("evil-sub.example.com.evil.com", False),
        ("evilapi.example.com", False),
        ("api.example.com:x@evil.com", False),
        ("[::1].evil.com", False),
        ("192.0.2.1", False),
    ],
)
def test_only_trusted_hosts_are_served(choosy: FlaskClient, host: str, trusted: bool) -> None:
    answer = choosy.get("/nothing", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == (404 if trusted else 400)
    if not trusted:
        assert answer.json is not None
        assert "Host header" in answer.json["detail"]
        assert host == "" or host not in answer.text


@pytest.mark.parametrize("path", PROBES)
def test_probes_are_answered_under_any_host_and_without_https(make_app: MakeApp, path: str) -> None:
    client = make_app(trusted_hosts=["api.example.com"], require_https=True).test_client()
    assert client.get(path, base_url="http://10.1.2.3:8000").status_code == 200


@pytest.mark.parametrize(
    ("required", "base_url", "proto", "status"),
    [
        (False, "http://localhost", "", 404),
        (True, "http://localhost", "", 403),
        (True, "http://localhost", "http", 403),
        (True, "http://localhost", "https", 404),
        (True, "https://localhost", "", 404),
    ],
)
def test_plain_http_is_refused_where_asked(
    make_app: MakeApp, required: bool, base_url: str, proto: str, status: int
) -> None:
    client = make_app(require_https=required, trusted_proxies=["127.0.0.1"]).test_client()
    headers = {"X-Forwarded-Proto": proto}
    assert client.get("/nothing", base_url=base_url, headers=headers).status_code == status


def test_a_session_cookie_is_kept_from_scripts_and_other_sites(
    make_app: MakeApp, credential: dict[str, str]
) -> None:
    app = make_app()

    @app.get("/session")
    def start() -> str:
        session["name"] = "value"
        return ""

    cookie = client_of(app, credential).get("/session").headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    attributes = set(cookie.split("; ")[1:])
    assert attributes == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_a_session_that_another_key_signed_is_not_believed(
    make_app: MakeApp, credential: dict[str, str]
) -> None:
    app = make_app()

    @app.get("/session")
    def read() -> str:
        return str(session.get("name", "nobody"))

    def seen(signer: Flask) -> str:
        serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
        assert serializer is not None
        client = client_of(app, credential)
        client.set_cookie("__Host-session", serializer.dumps({"name": "somebody"}))
        return client.get("/session").text

    assert seen(app) == "somebody"
    assert seen(make_app(secret_key=secrets.token_hex(32))) == "nobody"


def test_a_request_names_its_host_once(app: Flask) -> None:
    """As in RFC 9112, 3.2; an absolute target names it again."""
    client = app.test_client()
    environ: dict[str, Any] = {"HTTP_HOST": "localhost", "SERVER_PROTOCOL": "HTTP/1.1"}
    targets = {
        "/livez": 200,
        "http://localhost/livez": 200,
        "http://elsewhere.example/livez": 400,
        "http://user@localhost/livez": 400,
        "http:///livez": 400,
        "localhost:443": 400,
    }
    for target, status in targets.items():
        answer = client.get("/livez", environ_overrides=environ | {"RAW_URI": target})
        assert answer.status_code == status, target
    without = client.get("/livez", environ_overrides=environ | {"HTTP_HOST": ""})
    assert (without.status_code, without.content_type) == (400, "application/problem+json")
    assert without.get_json()["detail"] == "The Host header is missing, or names no host."


@pytest.mark.parametrize("path", [*PROBES, "/nothing"])
@pytest.mark.parametrize("host", ["a b", "a/b", "a@b", "a:b", ":80", "[::1", "a,b", "é", "<a>"])
def test_a_host_header_that_names_no_host_is_refused_without_a_list_of_hosts(
    client: FlaskClient, host: str, path: str
) -> None:
    answer = client.get(path, environ_overrides={"HTTP_HOST": host})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert host not in answer.text
