"""Declarations: what a route says of itself, by its blueprint, its view or a method of a class."""

from typing import Any, cast

import pytest
from flask import Flask
from flask.views import MethodView

from ...support.service import Blueprint, Declarations, declare

REASON = "Called by the load balancer."


def routes_of(blueprint: Blueprint) -> Declarations:
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    return Declarations(app)


@pytest.fixture
def routes() -> Declarations:
    """Of a blueprint with a view that declares nothing, one that does, and a class."""
    blueprint = Blueprint("things", __name__)

    @blueprint.route("/plain")
    def plain() -> None: ...

    @blueprint.route("/declared", methods=["POST"])
    @blueprint.declare(scope="things:admin")
    @blueprint.declare(exempt={"rate_limit": REASON})
    @blueprint.response(201)
    def declared() -> None: ...

    @blueprint.route("/classy")
    class Classy(MethodView):
        @blueprint.declare(public=True)
        def get(self) -> None: ...

        def post(self) -> None: ...

    return routes_of(blueprint)


def test_without_a_declaration_a_route_requires_a_credential(routes: Declarations) -> None:
    found = routes.of("things.plain", "GET")
    assert (found.public, found.scope, found.exempt) == (False, None, {})


def test_declarations_of_one_view_add_up_whatever_wraps_it(routes: Declarations) -> None:
    found = routes.of("things.declared", "POST")
    assert (found.scope, found.exempt) == ("things:admin", {"rate_limit": REASON})


def test_methods_of_a_class_are_declared_apart(routes: Declarations) -> None:
    methods = ("GET", "HEAD", "POST")
    assert [routes.of("things.Classy", method).public for method in methods] == [True, True, False]


def test_blueprint_declares_for_all_its_routes() -> None:
    blueprint = Blueprint("open", __name__, public=True, exempt={"rate_limit": REASON})
    blueprint.route("/open", endpoint="view")(lambda: None)
    found = routes_of(blueprint).of("open.view", "GET")
    assert (found.public, found.exempt) == (True, {"rate_limit": REASON})


def test_class_is_declared_as_a_whole() -> None:
    blueprint = Blueprint("open", __name__)

    @blueprint.route("/open")
    @declare(public=True)
    class Open(MethodView):
        def get(self) -> None: ...

    assert routes_of(blueprint).of("open.Open", "GET").public


def test_scope_is_the_declared_one_or_named_after_the_blueprint(routes: Declarations) -> None:
    assert routes.scope_of("things.plain", "GET") == "things:read"
    assert routes.scope_of("things.plain", "DELETE") == "things:write"
    assert routes.scope_of("things.declared", "POST") == "things:admin"
    assert routes.scope_of("things.Classy", "GET") is None, "a public route needs none"


@pytest.mark.parametrize(
    ("exempt", "message"),
    [({"limits": REASON}, "is no rule"), ({"rate_limit": ""}, "Give the reason")],
)
def test_exemption_needs_a_rule_and_a_reason(exempt: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        declare(exempt=cast(Any, exempt))
