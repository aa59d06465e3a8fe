"""The service with the benchmark's routes; with STEP, only its first parts in the same order."""

import os

from flask import Flask, jsonify
from my_service import create_app
from my_service.core import config, database, deadlines, errors, logs, service
from my_service.core.api import openapi
from my_service.core.middleware import cors, hosts, load_shedding, rate_limits, request_log
from my_service.settings import load_settings
from routes import blueprint


def make_app(step: str) -> Flask:
    """Create the application of a step; each step adds a part to the one before."""
    at_least = ("bare", "layer", "checks", "schemas", "limits").index(step)
    settings = load_settings()
    logs.configure(settings)
    app = Flask(__name__, static_folder=None)
    service.init_app(app, settings)
    api = openapi.init_app(app) if at_least >= 3 else None
    if at_least >= 2:
        errors.init_app(app)
    if at_least >= 1:
        database.init_app(app, settings)
        load_shedding.init_app(app, settings)
        deadlines.init_app(app, settings)
        request_log.init_app(app, settings)
    if at_least >= 2:
        config.init_app(app, settings)
        hosts.init_app(app, settings)
        cors.init_app(app, settings)
    if at_least >= 4:
        rate_limits.init_app(app, settings)
    if api is None:
        app.add_url_rule("/bench/ping", view_func=lambda: jsonify(answer="pong", number=42))
    else:
        app.register_blueprint(blueprint)
    return app


if step := os.environ.get("STEP"):
    app = make_app(step)
else:
    app = create_app()
    app.register_blueprint(blueprint)
