"""Load the settings from the environment; errors list all faults at once, but never a value."""

import dataclasses
import difflib
import os
import typing
from pathlib import Path

from dotenv import dotenv_values, find_dotenv, load_dotenv
from environs import EnvValidationError, FileAwareEnv
from flask.cli import NoAppException

from .declare import REQUIRED
from .table import Settings

NAMES = {field.name: field.name.upper() for field in dataclasses.fields(Settings)}


class SettingsError(NoAppException):
    """Lists every fault by name; `flask` prints a NoAppException without a traceback."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(_describe(faults))
        self.faults = faults


def load_settings() -> Settings:
    """Read the environment and, in development, `.env`; raises SettingsError."""
    _read_dotenv()
    _strip()
    env = FileAwareEnv(eager=False, strip_whitespace=True)
    types = typing.get_type_hints(Settings)
    faults: dict[str, str] = {}
    values: dict[str, typing.Any] = {}
    for field in dataclasses.fields(Settings):
        name = NAMES[field.name]
        try:
            values[field.name] = _read(env, field, types[field.name])
        except ValueError:
            faults[name] = f"{name}_FILE does not name a readable text file."
    try:
        env.seal()
    except EnvValidationError as error:
        for name, messages in typing.cast(dict[str, list[str]], error.error_messages).items():
            faults[name] = " ".join(map(str, messages)).replace("Environment variable n", "N")
    if faults:
        raise SettingsError(faults)
    return Settings(**values)


def _read(env: FileAwareEnv, field: dataclasses.Field[typing.Any], kind: object) -> typing.Any:
    name = NAMES[field.name]
    alias = field.metadata["alias"]
    if alias and alias in os.environ and name not in os.environ:
        name = alias
    options: dict[str, typing.Any] = {"validate": field.metadata["validators"]}
    if field.default is not REQUIRED:
        options["default"] = field.default
    if kind == list[str]:
        return env.list(name, subcast=str.strip, **options)
    readers: dict[object, typing.Any] = {bool: env.bool, int: env.int, float: env.float}
    return readers.get(kind, env.str)(name, **options)


def _strip() -> None:
    """Strip the line break at the end of a pasted value."""
    for name in _known():
        if name in os.environ:
            os.environ[name] = os.environ[name].strip()


def _read_dotenv() -> None:
    """Load `.env` from this folder if the environment, or else the file, says development."""
    # The flask command has already loaded one, perhaps from a parent folder: undo that.
    if "FLASK_RUN_FROM_CLI" in os.environ:
        before = _names_at_start()
        for name, value in dotenv_values(find_dotenv(usecwd=True)).items():
            if name not in before and os.environ.get(name) == value:
                os.environ.pop(name, None)
    file = Path(".env")
    if os.environ.get("APP_ENV", dotenv_values(file).get("APP_ENV")) == "development":
        load_dotenv(file)


def _names_at_start() -> set[str]:
    """Return the variables that this process was started with, if known (Linux)."""
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return set()
    return {os.fsdecode(entry.partition(b"=")[0]) for entry in entries}


def _describe(faults: dict[str, str]) -> str:
    lines = [f"  {name}: {text}" for name, text in sorted(faults.items())]
    lines += [f"  {wrong}: unknown; did you mean {right}?" for wrong, right in misspelled()]
    end = "Set them in the environment, or create a .env with `uv run flask init-env`."
    return "\n".join(["The settings are not valid:", *lines, end])


def misspelled() -> list[tuple[str, str]]:
    """Return variables that look like misspelled settings, each with the closest real name."""
    pairs = []
    for name in sorted(set(os.environ) - _known()):
        cutoff = 0.0 if name.startswith("RATELIMIT_") else 0.85
        alike = [right for right in NAMES.values() if right[0] == name[:1]]
        near = difflib.get_close_matches(name, alike, n=1, cutoff=cutoff)
        if near:
            pairs.append((name, near[0]))
    return pairs


def _known() -> set[str]:
    """Return the names of all variables that are read."""
    names = {*NAMES.values(), *(f"{name}_FILE" for name in NAMES.values())}
    return names | {field.metadata["alias"] for field in dataclasses.fields(Settings)} - {""}
