"""Routes of a project from before 2.0.0 are rewritten in flask-smorest's own words."""

import pytest

from updating.imports import Module
from updating.routes import in_module

PACKAGE = "shop"
MODULE = Module("shop.orders.views", is_package=False)
BEFORE = '''"""Orders."""

from flask import Response, current_app

from ..core.api.blueprint import IDEMPOTENCY_KEY, IF_MATCH, Blueprint
from ..core.auth import jwt
from ..core.idempotency import idempotent

blueprint = Blueprint("orders", "Orders of a shop", "/api/v1/orders")
public = Blueprint("prices", "Prices", prefix="/prices", public=True)

ITEM = "/<int:order_id>"  # an id


@blueprint.route("", "GET")
@blueprint.query(ListArguments())
@blueprint.returns(200, OrderPage())
def list_orders(arguments: dict[str, object]) -> Response:
    """List your orders"""
    limit = current_app.extensions["service.settings"].order_limit
    return page(arguments, limit)


@blueprint.route("", "POST")
@jwt.scope("orders:admin")
@blueprint.header(IDEMPOTENCY_KEY)
@blueprint.body(OrderIn())
@blueprint.returns(201, OrderOut())
@blueprint.refuses(409, "Sold out.")
@blueprint.refuses(502)
@idempotent
def create_order(session: Session, values: dict[str, object]) -> Response:
    """Create an order"""


@blueprint.route(ITEM, "DELETE")
@blueprint.header(IF_MATCH)
@blueprint.returns(204)
def delete_order(order_id: int) -> Response:
    """Delete an order"""


def register(app, api) -> None:
    app.register_blueprint(public.smorest)
    app.extensions["service.limiter"].exempt(public.smorest)
    health.add_check(app, "stock", ask, required=False)
    api.register(blueprint, *MORE)
'''
AFTER = '''"""Orders."""

from flask import Response, current_app

from ..core.api.blueprint import IDEMPOTENCY_KEY, IF_MATCH, Blueprint
from ..core.auth import jwt
from ..core.idempotency import idempotent
from ..core.middleware.limiter import limiter
from ..core.service import current_service

blueprint = Blueprint("orders", __name__, description="Orders of a shop", url_prefix="/api/v1/orders")
public = Blueprint("prices", __name__, description="Prices", url_prefix="/prices", public=True)

ITEM = "/<id:order_id>"  # an id


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListArguments(), location="query")
@blueprint.response(200, OrderPage())
def list_orders(arguments: dict[str, object]) -> Response:
    """List your orders"""
    limit = current_service().settings.order_limit
    return page(arguments, limit)


@blueprint.route("", methods=["POST"])
@blueprint.declare(scope="orders:admin")
@blueprint.doc(parameters=[IDEMPOTENCY_KEY])
@blueprint.arguments(OrderIn())
@blueprint.response(201, OrderOut())
@blueprint.alt_response(409, description="Sold out.")
@blueprint.alt_response(502)
@idempotent
def create_order(session: Session, values: dict[str, object]) -> Response:
    """Create an order"""


@blueprint.route(ITEM, methods=["DELETE"])
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(204)
def delete_order(order_id: int) -> Response:
    """Delete an order"""


def register(app, api) -> None:
    app.register_blueprint(public)
    limiter.exempt(public)
    health.add_dependency(app, "stock", ask, required=False)
    api.register_blueprint(blueprint)
    for blueprint in MORE: api.register_blueprint(blueprint)
'''


def test_words_of_the_former_blueprint_become_those_of_the_library() -> None:
    assert in_module(BEFORE, MODULE, PACKAGE) == AFTER


def test_rewriting_twice_changes_nothing_more() -> None:
    assert in_module(AFTER, MODULE, PACKAGE) == AFTER


@pytest.mark.parametrize(
    "text",
    [
        'from flask import Blueprint\n\npages = Blueprint("pages", __name__, "static")\n',
        'pages = Blueprint("pages", __name__, url_prefix="/pages", description="Pages")\n',
        '@app.route("/pages/<int:number>")\ndef page(number): ...\n',
        '@pages.route("/<int:number>", methods=["POST"])\n@pages.query("x")\ndef page(): ...\n',
        'app.extensions["other"] = 1\n',
        'app.extensions["service.settings"] = settings\n',
        "def broken(:\n    api.register(x)\n",
    ],
)
def test_code_that_never_used_it_stays_as_it_is(text: str) -> None:
    assert in_module(text, MODULE, PACKAGE) == text


def test_settings_of_another_application_are_found_where_a_test_is() -> None:
    text = 'import pytest\n\nlimit = app.extensions["service.settings"].limit\n'
    assert in_module(text, Module("tests.test_shop", is_package=False), PACKAGE) == (
        "import pytest\nfrom shop.core.service import service_of\n\n"
        "limit = service_of(app).settings.limit\n"
    )
