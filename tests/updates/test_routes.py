"""Routes of projects from before 2.0.0 are rewritten to flask-smorest's own API."""

import pytest

from updating import carried, settings_rows
from updating.imports import Names
from updating.routes import in_module
from updating.statements import Module

PACKAGE = "shop"
MODULE = Module("shop.orders.views", is_package=False)
BEFORE = '''"""Orders."""

from flask import Response

from ..core.api.blueprint import IDEMPOTENCY_KEY, IF_MATCH, Blueprint
from ..core import health
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
    return page(arguments)


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
    health.add_check(app, "stock", ask, required=False)
    api.register(blueprint, *MORE)
'''
AFTER = '''"""Orders."""

from flask import Response

from ..core.api.blueprint import IDEMPOTENCY_KEY, IF_MATCH, Blueprint
from ..core import health
from ..core.auth import jwt
from ..core.idempotency import idempotent

blueprint = Blueprint("orders", __name__, description="Orders of a shop", url_prefix="/api/v1/orders")
public = Blueprint("prices", __name__, description="Prices", url_prefix="/prices", public=None)

ITEM = "/<id:order_id>"  # an id


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListArguments(), location="query")
@blueprint.response(200, OrderPage())
def list_orders(arguments: dict[str, object]) -> Response:
    """List your orders"""
    return page(arguments)


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
    health.add_dependency(app, "stock", ask, required=False)
    api.register_blueprint(blueprint)
    for each in MORE: api.register_blueprint(each)
'''


def test_calls_of_the_old_blueprint_become_flask_smorest_calls() -> None:
    assert in_module(BEFORE) == AFTER


def test_rewriting_is_idempotent() -> None:
    assert in_module(AFTER) == AFTER


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
def test_unrelated_code_is_left_alone(text: str) -> None:
    assert carried.in_module(in_module(text), MODULE, PACKAGE) == text


ROUTE = '@pages.route("/", "GET")\n'
OTHER_WAYS = [
    (
        '@pages.route("/", method="GET")\n@pages.query(schema=Page())\nasync def page(): ...\n',
        '@pages.route("/", methods=["GET"])\n'
        '@pages.arguments(schema=Page(), location="query")\nasync def page(): ...\n',
    ),
    (
        f'{ROUTE}@books.route("/", "GET")\n@books.returns(200)\ndef page(): ...\n',
        '@pages.route("/", methods=["GET"])\n@books.route("/", methods=["GET"])\n'
        "@books.response(200)\ndef page(): ...\n",
    ),
    (
        '@pages.route(f"/<int:a>/{x}/<int:b>", "GET")\ndef page(): ...\n',
        '@pages.route(f"/<id:a>/{x}/<id:b>", methods=["GET"])\ndef page(): ...\n',
    ),
    (
        f'{ROUTE}@user.scope("user")\ndef page(): ...\n',
        '@pages.route("/", methods=["GET"])\n@user.scope("user")\ndef page(): ...\n',
    ),
    # Left alone: this code fails on its first import instead of changing its meaning.
    (f"{ROUTE}@pages.query()\ndef page(): ...\n",) * 2,
    ('@pages.route("/", ("GET"))\ndef page(): ...\n',) * 2,
    ("if more: api.register(*MORE)\n",) * 2,
    ("mine.add_check(app)\napi.register()\n",) * 2,
]


@pytest.mark.parametrize(("before", "after"), OTHER_WAYS)
def test_other_ways_to_write_a_route_are_rewritten_or_left_alone(before: str, after: str) -> None:
    assert in_module(before) == after


def test_check_argument_of_a_setting_becomes_validate() -> None:
    before = 'limit: int = setting(1, "Help", check=at_least_one)\nother(check=1)\n'
    after = 'limit: int = setting(1, "Help", validate=at_least_one)\nother(check=1)\n'
    assert settings_rows.in_module(before) == after
    assert settings_rows.in_module(after) == after


CARRIED = [
    (
        'import pytest\n\nlimit = app.extensions["service.settings"].limit\n',
        "import pytest\nfrom shop.core.service import service_of\n\n"
        "limit = service_of(app).settings.limit\n",
    ),
    (
        '"""Mine."""\n\nlimiter = app.extensions["service.limiter"]\nimport late\n',
        '"""Mine."""\nfrom shop.core.middleware.limiter import limiter as route_limiter\n\n'
        "limiter = route_limiter\nimport late\n",
    ),
    (
        'x = current_app.extensions["service.settings"]\n',
        "from shop.core.service import current_service\nx = current_service().settings\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), CARRIED)
def test_lookups_in_app_extensions_are_rewritten(before: str, after: str) -> None:
    assert carried.in_module(before, Module("tests.test_shop", False), PACKAGE) == after


FACTORY = """\
import flask


def create_app():
    limiter = rate_limits.init_app(app, settings)
    health.init_app(app, limiter)
"""


def test_limiter_of_the_factory_is_imported_if_an_owner_uses_it() -> None:
    module = Module(PACKAGE, is_package=True)
    assert carried.in_module(FACTORY, module, PACKAGE) == FACTORY
    after = carried.in_module(f'{FACTORY}    limiter.limit("1/day")(mine)\n', module, PACKAGE)
    assert after.splitlines()[1] == "from .core.middleware.limiter import limiter"
    other = Module(f"{PACKAGE}.mine", is_package=False)
    used = f'{FACTORY}    limiter.limit("1/day")(mine)\n'
    assert carried.in_module(used, other, PACKAGE) == used


def test_added_imports_are_relative_inside_the_package() -> None:
    before = 'import a\nx = current_app.extensions["service.settings"]\n'
    after = carried.in_module(before, MODULE, PACKAGE)
    assert after.splitlines()[1] == "from ..core.service import current_service"


def test_flask_blueprint_keeps_its_name() -> None:
    names = Names({"shop.openapi.ApiBlueprint": "shop.core.api.blueprint.Blueprint"})
    text = "from flask import Blueprint\nfrom .openapi import ApiBlueprint\n\nApiBlueprint(1, 2)\n"
    module = Module("shop.mine", is_package=False)
    assert in_module(names.in_module(text, module, module)) == (
        "from flask import Blueprint\n"
        "from .core.api.blueprint import Blueprint as ApiBlueprint\n\n"
        "ApiBlueprint(1, __name__, description=2)\n"
    )
