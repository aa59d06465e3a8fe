"""Flask's own configuration: secret keys, cookies (OWASP ASVS 3.3), body size and URLs."""

from flask import Flask

from ..settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Configure Flask and its URL map from the settings."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_NAME="__Host-session",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.max_content_length,
        PREFERRED_URL_SCHEME="https",
    )
    # A redirect that corrects slashes would contain the Host that the client sent.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
