"""The service with its further routes, for its own server to find."""

from my_service import create_app

from routes import blueprint

app = create_app()
app.register_blueprint(blueprint.smorest)
