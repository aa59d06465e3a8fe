"""Declarations: properties of a route, declared on its blueprint, view, class or method."""

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
    """Declarations of a blueprint with an undeclared view, a declared one and a `MethodView`."""
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


def test_undeclared_route_requires_a_credential(routes: Declarations) -> None:
    found = routes.of("things.plain", "GET")
    assert (found.public, found.scope, found.exempt) == (None, None, {})


def test_stacked_declarations_combine_under_other_decorators(routes: Declarations) -> None:
    found = routes.of("things.declared", "POST")
    assert (found.scope, found.exempt) == ("things:admin", {"rate_limit": REASON})


def test_methods_of_a_class_are_declared_separately(routes: Declarations) -> None:
    methods = ("GET", "HEAD", "POST")
    assert [routes.of("things.Classy", method).public for method in methods] == [True, True, None]


def test_blueprint_declaration_applies_to_all_its_routes() -> None:
    blueprint = Blueprint("open", __name__, public=True, exempt={"rate_limit": REASON})
    blueprint.route("/open", endpoint="view")(lambda: None)
    found = routes_of(blueprint).of("open.view", "GET")
    assert (found.public, found.exempt) == (True, {"rate_limit": REASON})


def test_class_declaration_applies_to_its_methods() -> None:
    blueprint = Blueprint("open", __name__)

    @blueprint.route("/open")
    @declare(public=True)
    class Open(MethodView):
        def get(self) -> None: ...

    assert routes_of(blueprint).of("open.Open", "GET").public


def test_scope_is_declared_or_derived_from_the_blueprint(routes: Declarations) -> None:
    assert routes.scope_of("things.plain", "GET") == "things:read"
    assert routes.scope_of("things.plain", "DELETE") == "things:write"
    assert routes.scope_of("things.declared", "POST") == "things:admin"
    assert routes.scope_of("things.Classy", "GET") is None, "a public route has no scope"


@pytest.mark.parametrize(
    ("exempt", "message"),
    [({"limits": REASON}, "Unknown rule"), ({"rate_limit": ""}, "Give the reason")],
)
def test_exemption_needs_a_rule_and_a_reason(exempt: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        declare(exempt=cast(Any, exempt))


def test_shared_view_is_public_only_in_the_public_blueprint() -> None:
    app, routes = Flask(__name__), []
    for name in ("open", "closed"):
        blueprint = Blueprint(name, __name__, public=True if name == "open" else None)
        blueprint.route(f"/{name}", endpoint="view")(shared)
        app.register_blueprint(blueprint)
        routes.append(f"{name}.view")
    found = Declarations(app)
    assert [found.of(endpoint, "GET").public for endpoint in routes] == [True, None]


def shared() -> None: ...


def test_declaration_does_not_leak_to_other_routes_of_the_view() -> None:
    declare(public=True)(shared)
    blueprint = Blueprint("closed", __name__)
    blueprint.route("/closed", endpoint="view")(shared)
    assert not routes_of(blueprint).of("closed.view", "GET").public


@pytest.mark.parametrize("narrower", [{"public": False}, {"scope": "open:admin"}])
def test_view_may_require_a_credential_in_a_public_blueprint(narrower: dict[str, Any]) -> None:
    blueprint = Blueprint("open", __name__, public=True)
    blueprint.route("/open", endpoint="view")(declare(**narrower)(shared))
    routes = routes_of(blueprint)
    assert routes.of("open.view", "GET").public is False
    assert routes.scope_of("open.view", "GET") == narrower.get("scope", "open:read")


def test_subclass_does_not_inherit_declarations() -> None:
    @declare(public=True)
    class Open(MethodView):
        def get(self) -> None: ...

    class Closed(Open): ...

    blueprint = Blueprint("closed", __name__)
    blueprint.route("/closed")(Closed)
    assert not routes_of(blueprint).of("closed.Closed", "GET").public


def test_public_route_with_a_scope_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot have a scope"):
        declare(public=True, scope="open:read")
