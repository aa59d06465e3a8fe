"""Credentials for the tests: none, since the service has no authentication."""

from typing import Any

from flask import Flask


def credential_settings() -> dict[str, Any]:
    """Return the settings that credentials need: none."""
    return {}


def make_credential(app: Flask, name: str) -> dict[str, str]:
    """Return the headers of a new caller: none."""
    return {}
