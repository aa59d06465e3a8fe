"""`uv run serve`: the production server, gunicorn with the settings in gunicorn_conf.py."""

import sys

from gunicorn.app import wsgiapp

from ...settings import SettingsError, load_settings


def main() -> None:
    """Run the server in the foreground; SIGTERM shuts it down gracefully, with exit code 0."""
    try:
        load_settings()
    except SettingsError as error:
        sys.exit(f"Error: {error.format_message()}")
    sys.argv = ["serve", "--config", f"python:{__package__}.gunicorn_conf", "wsgi:app"]
    wsgiapp.run()
