"""An application with a test route that calls the model."""

from typing import Any

from flask import Flask, Response, jsonify, request

from ..conftest import MakeApp
from .model_api import ModelAPI
from .service import set_owner, upstream


def app_that_asks(make_app: MakeApp, api: ModelAPI, **changes: Any) -> Flask:
    """Create an application with the route POST /say; `?owner=` sets the request's owner."""
    app = make_app(**(api.settings | changes))

    @app.post("/say")
    def say() -> Response:
        if owner := request.args.get("owner"):
            set_owner(owner)
        return jsonify(upstream.current().complete("Say it", {"temperature": 0.5}))

    return app
