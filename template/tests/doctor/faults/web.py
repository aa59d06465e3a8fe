"""Web faults: debugging, headers, hosts, proxies and CORS."""

from flask import Flask, Response

from ..deployment import World
from . import broken


@broken("APP001")
def debugging(world: World) -> None:
    world.variables["FLASK_DEBUG"] = "1"


@broken("APP002")
def missing_module(world: World) -> None:
    def load(_: Flask) -> None:
        raise ModuleNotFoundError("no", name="nowhere")

    world.changes.append(load)


@broken("APP005")
def page_in_production(world: World) -> None:
    world.variables["API_DOCS_ENABLED"] = "true"


@broken("HDR001")
def framed(world: World) -> None:
    @world.changes.append
    def weaken(app: Flask) -> None:
        @app.after_request
        def allow_frames(response: Response) -> Response:
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
            return response


@broken("HST001")
def any_host(world: World) -> None:
    world.variables["TRUSTED_HOSTS"] = ""


@broken("PRX001")
def everybody_is_a_proxy(world: World) -> None:
    world.variables["TRUSTED_PROXIES"] = "0.0.0.0/0"


@broken("PRX002")
def nobody_is_a_proxy(world: World) -> None:
    world.variables["TRUSTED_PROXIES"] = ""


@broken("COR001")
def any_origin(world: World) -> None:
    @world.changes.append
    def open_up(app: Flask) -> None:
        @app.after_request
        def allow(response: Response) -> Response:
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response
