"""Flask configuration: scripts and other sites cannot read, send or forge the session cookie."""

import secrets

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface

from ..conftest import MakeApp
from ..support.apps import client_of


def test_session_cookie_is_hidden_from_scripts_and_other_sites(
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


def test_session_signed_with_another_key_is_ignored(
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
