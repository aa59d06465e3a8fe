"""Credentials for the tests: API keys."""

from typing import Any

from flask import Flask

from .service import api_keys, database


def credential_settings() -> dict[str, Any]:
    """Return the settings that credentials need: none."""
    return {}


def make_credential(app: Flask, name: str) -> dict[str, str]:
    """Return the headers of a new caller."""
    with app.app_context(), database.transaction() as session:
        return {"Authorization": f"Bearer {api_keys.create(session, name, None)}"}
