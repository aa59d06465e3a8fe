"""Named sets of answers, which are the first variants. Other answers keep their defaults."""

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    # Every optional part; a test enforces that.
    "everything": {
        "database": "postgresql",
        "rate_limit_storage": "redis",
        "auth": "jwt",
        "upstream": "openai",
        "python_version": "3.14",
    },
    "bare": {
        "project_name": "x",
        "auth": "none",
        "ci": "none",
        "deploy": [],
        "example": False,
        "log_level": "WARNING",
        "python_version": "3.11",
        "rate_limit": "30 per hour|200 per day",
    },
    "sqlite": {"rate_limit_storage": "redis", "python_version": "3.12", "log_level": "DEBUG"},
    "postgresql": {
        "database": "postgresql",
        "ci": "gitlab",
        "python_version": "3.12",
        "log_level": "ERROR",
    },
    "mariadb": {
        "database": "mariadb",
        "upstream": "openai",
        "project_name": "a-name-of-forty-characters-like-this-one",
        "description": 'It\'s "quoted", {{ braced }}, größer 🚀 and back\\slashed',
        "python_version": "3.14",
    },
}
