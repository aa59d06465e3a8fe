"""Credentials for the tests: nobody is asked for one."""

from typing import Any

from flask import Flask


def credential_settings() -> dict[str, Any]:
    """The settings that credentials need: none."""
    return {}


def make_credential(app: Flask, name: str) -> dict[str, str]:
    """Headers of a new caller."""
    return {}
