"""Settings: valid, with strong secrets that only this service can read."""

import dataclasses
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ...settings import Settings, misspelled, validators
from ..context import Context
from ..registry import REGISTRY, check

FIELDS = {field.name.upper(): field for field in dataclasses.fields(Settings)}
MOUNTED = Path("/run/secrets")  # visible in this container only, whatever the mode


def _is_weak(name: str, fault: str) -> bool:
    return FIELDS[name].metadata["secret"] and fault in {*map(str, validators.Weakness)}


@check(
    "CFG001",
    "error",
    "An environment variable is missing, unknown or invalid",
    why="The service does not start, or runs with a default instead of the intended value.",
    remedy="""
        Correct the variables listed; docs/settings.md describes them all. For development:
            uv run flask init-env""",
    source="OWASP ASVS 13.3",
)
def variables(context: Context) -> Iterator[str]:
    """Every variable in the table of settings, and names that look like misspelled ones."""
    for name, fault in sorted(context.faults.items()):
        if not _is_weak(name, fault):
            yield f"{name}: {fault}"
    for wrong, right in misspelled():
        yield f"{wrong}: unknown; did you mean {right}?"


@check(
    "CFG002",
    "warning",
    "The doctor's settings in pyproject.toml are invalid",
    why="A finding that is silenced without a reason is forgotten, not accepted.",
    remedy="""
        Give each silenced check a reason, in pyproject.toml:
            [tool.doctor.silence]
            LIM001 = "one small container, behind the gateway's own limits" """,
)
def own_table(context: Context) -> Iterator[str]:
    """`[tool.doctor]`: known names, existing check IDs, and a reason for each silenced check."""
    yield from context.options.faults
    for id, reason in context.options.silence.items():
        if id not in REGISTRY:
            yield f"silence names {id}, which is not a check."
        elif not isinstance(reason, str) or not reason.strip():
            yield f"silence gives no reason for {id}."


@check(
    "CFG003",
    "info",
    "APP_ENV is not production",
    why="In development, the service reads .env, which must not affect production.",
    remedy="""
        In production, leave APP_ENV unset, or set it:
            APP_ENV=production""",
    deploy=True,
)
def environment(context: Context) -> Iterator[str]:
    """Whether APP_ENV is production."""
    if context.settings.app_env != "production":
        yield f"APP_ENV is {context.settings.app_env}."


@check(
    "SEC001",
    "error",
    "A secret is weak or used twice",
    why="Anyone who guesses a key can forge what it signs; a secret used twice leaks twice.",
    remedy="""
        Generate a new secret for each variable:
            python3 -c 'import secrets; print(secrets.token_hex(32))'""",
    source="OWASP ASVS 11.5, 13.3; Django W009, W025",
)
def secrets(context: Context) -> Iterator[str]:
    """Length and randomness of keys, placeholder passwords, and secrets that are used twice."""
    weak = [name for name, fault in context.faults.items() if _is_weak(name, fault)]
    if weak:
        yield from (f"{name}: {context.faults[name]}" for name in sorted(weak))
        return
    known: dict[str, str] = {}
    for name, secret in _secrets(context.settings):
        if secret in known:
            yield f"{name} is the same as {known[secret]}."
        known[secret] = name
    for name, secret in _passwords(context.settings):
        if context.production and (validators.PLACEHOLDERS.search(secret) or len(secret) < 8):
            yield f"The password in {name} is too short or a placeholder."


def _secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    for name, field in FIELDS.items():
        value = getattr(settings, field.name)
        if field.metadata["secret"] and "://" not in value:
            yield from ((name, each) for each in ([value] if isinstance(value, str) else value))
    yield from _passwords(settings)


def _passwords(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the passwords in settings that are URLs."""
    for name, field in FIELDS.items():
        value = getattr(settings, field.name)
        if field.metadata["secret"] and isinstance(value, str) and "://" in value:
            try:
                password = make_url(value).password
            except ArgumentError:
                continue
            if password:
                yield name, password


@check(
    "SEC002",
    "warning",
    "A file with secrets is readable by other users",
    why="Anyone who gains any access to the machine can read it.",
    remedy="""
        Remove access for other users (in Kubernetes, `defaultMode: 0400` of the volume):
            chmod 600 .env""",
    source="OWASP ASVS 13.3",
    deploy=True,
)
def secret_files(context: Context) -> Iterator[str]:
    """The file modes of .env and of the files that NAME_FILE variables name."""
    files = {".env": Path(".env")}
    for name, field in FIELDS.items():
        path = os.environ.get(f"{name}_FILE")
        if path and field.metadata["secret"]:
            files[f"The file of {name}_FILE"] = Path(path)
    for name, file in files.items():
        mounted = file.absolute().is_relative_to(MOUNTED)
        if file.is_file() and not mounted and file.stat().st_mode & stat.S_IROTH:
            yield f"{name} is readable by every user of this machine."
