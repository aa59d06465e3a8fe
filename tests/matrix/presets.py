"""Named sets of answers; what is not named here keeps its default."""

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "postgresql": {"database": "postgresql", "rate_limit_storage": "redis"},
    "mariadb": {
        "database": "mariadb",
        "project_name": "a-name-of-forty-characters-like-this-one",
        "description": 'It\'s "quoted", {{ braced }}, größer 🚀 and back\\slashed',
        "python_version": "3.14",
    },
    "bare": {
        "project_name": "x",
        "auth": "none",
        "example": False,
        "log_level": "WARNING",
        "python_version": "3.11",
        "rate_limit": "30 per hour|200 per day",
    },
}
