"""Faults in hosts, proxies, CORS origins, debugging, timeouts and rate limits."""

from collections.abc import Callable

import pytest
from flask import Flask, Response, jsonify, request
from flask.views import MethodView

from ..support.service import limiter
from .deployment import Change, World

ORIGIN = "https://app.example.com"


def found(world: World) -> dict[str, str]:
    """Return the findings that need no running server, by id."""
    return {each["id"]: each["detail"] for each in world.diagnose("--deploy")["findings"]}


def test_api_page_is_found_from_outside_unless_it_is_enabled(world: World) -> None:
    world.serve(API_DOCS_ENABLED="true")
    assert "/api/docs is public" in found(world)["OUT007"]
    world.variables["API_DOCS_ENABLED"] = "true"
    assert "OUT007" not in found(world)


@pytest.mark.parametrize(
    ("id", "changed"),
    [
        ("HST001", {"TRUSTED_HOSTS": ".com"}),
        ("PRX001", {"TRUSTED_PROXIES": "10.0.0.0/8,8.0.0.0/7"}),
        ("PRX001", {"TRUSTED_PROXIES": "2000::/3"}),
        ("PRX002", {"TRUSTED_PROXIES": "", "REQUIRE_HTTPS": "true"}),
        ("COR001", {"CORS_ORIGINS": "http://app.example.com"}),
        ("TMO001", {"DATABASE_POOL_TIMEOUT": "8"}),
        ("TMO001", {"DRAIN_SECONDS": "20"}),
        ("TMO001", {"REQUEST_TIMEOUT": "21"}),
        ("TMO001", {"DATABASE_LOCK_TIMEOUT": "15"}),
        ("DB004", {"WEB_THREADS": "17", "DATABASE_POOL_SIZE": "4"}),
        ("SEC001", {"SECRET_KEY": "short"}),
        ("CFG001", {"PORT": "eighty"}),
    ],
)
def test_faulty_settings_are_found(world: World, id: str, changed: dict[str, str]) -> None:
    world.variables |= changed
    assert set(found(world)) == {id}


@pytest.mark.parametrize(
    "changed",
    [
        {"TRUSTED_HOSTS": ".example.com,api.example.org"},
        {"TRUSTED_PROXIES": "10.0.0.0/8,2001:db8::/32,203.0.113.7"},
        {"CORS_ORIGINS": ORIGIN},
        {"DATABASE_POOL_SIZE": "2", "DATABASE_MAX_OVERFLOW": "2"},
    ],
)
def test_correct_settings_are_accepted(world: World, changed: dict[str, str]) -> None:
    world.variables |= changed
    assert found(world) == {}


@pytest.mark.parametrize("kind", ["foreign", "null", "look-alike"])
def test_each_kind_of_allowed_foreign_origin_is_found(world: World, kind: str) -> None:
    world.variables["CORS_ORIGINS"] = ORIGIN
    admitted: Callable[[str], bool] = {
        "foreign": "https://evil.example".__eq__,
        "null": "null".__eq__,
        "look-alike": lambda origin: origin.startswith(ORIGIN),
    }[kind]

    def admit(app: Flask) -> None:
        @app.after_request
        def allow(response: Response) -> Response:
            origin = request.headers.get("Origin", "")
            if admitted(origin):
                response.headers["Access-Control-Allow-Origin"] = origin
            return response

    world.changes.append(admit)
    assert found(world) == {"COR001": f"The CORS headers allow a {kind} origin."}


@pytest.mark.parametrize("name", ["DEBUG", "TESTING", "PROPAGATE_EXCEPTIONS"])
def test_debugging_enabled_in_code_is_found(world: World, name: str) -> None:
    world.changes.append(lambda app: app.config.update({name: True}))
    assert set(found(world)) == {"APP001"}


def test_version_in_a_header_is_found(world: World) -> None:
    def tell(app: Flask) -> None:
        @app.after_request
        def name(response: Response) -> Response:
            response.headers["X-Powered-By"] = "Flask 3"
            return response

    world.changes.append(tell)
    assert set(found(world)) == {"HDR001"}


def exempt(app: Flask) -> None:
    app.get("/free")(limiter.exempt(lambda: jsonify("free")))


class Things(MethodView):
    """A class-based view."""

    def get(self) -> Response:
        return jsonify([])

    def post(self) -> Response:
        return jsonify(request.json)


def classes(app: Flask) -> None:
    app.add_url_rule("/things", view_func=Things.as_view("things"))


def unreading(app: Flask) -> None:
    app.post("/things")(lambda: jsonify(request.method))


def failing(_: Flask) -> None:
    raise RuntimeError("canary")


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        (exempt, {"LIM003"}),
        (classes, {"APP003"}),
        (unreading, set()),
        (failing, {"APP002"}),
    ],
)
def test_faults_in_code_are_found(world: World, change: Change, ids: set[str]) -> None:
    world.changes.append(change)
    details = found(world)
    assert set(details) == ids
    assert "canary" not in str(details)
