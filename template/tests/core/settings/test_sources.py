"""Settings sources: the environment, .env and secret files, and the command line's errors."""

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import flask.cli
import pytest
from click.testing import CliRunner

from ...conftest import ROOT
from ...support.service import PACKAGE, settings
from .test_settings import FIELDS, VALID, faults, load

EXAMPLE = re.compile(r"^(# )?([A-Z_]+)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run outside the project, so that its own .env is not read."""
    monkeypatch.chdir(tmp_path)


def write_dotenv(**variables: str) -> None:
    """Write a .env in the working directory."""
    Path(".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))


@contextmanager
def flask_command(**variables: str) -> Iterator[None]:
    """Set the environment that Flask's own command line passes to the application."""
    with patch.dict(os.environ, VALID | variables | {"FLASK_RUN_FROM_CLI": "true"}, clear=True):
        flask.cli.load_dotenv()
        yield


@pytest.mark.parametrize("app_env", [None, "development"])
def test_dotenv_is_read_in_development_but_the_environment_wins(app_env: str | None) -> None:
    write_dotenv(APP_ENV="development", PORT="1234", WEB_THREADS="3")
    found = load(APP_ENV=app_env, WEB_THREADS="4")
    assert (found.app_env, found.port, found.web_threads) == ("development", 1234, 4)


@pytest.mark.parametrize("app_env", ["production", "testing"])
def test_dotenv_is_not_read_outside_development(app_env: str) -> None:
    write_dotenv(APP_ENV=app_env, PORT="1234")
    assert load(APP_ENV=app_env).port == FIELDS["port"].default


def test_dotenv_without_app_env_development_is_not_read() -> None:
    write_dotenv(PORT="1234")
    assert load(APP_ENV=None).port == FIELDS["port"].default
    write_dotenv(APP_ENV="production", PORT="1234")
    assert load(APP_ENV=None).port == FIELDS["port"].default


def test_dotenv_in_a_parent_folder_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    write_dotenv(APP_ENV="development", WEB_THREADS="12")
    Path("inside").mkdir()
    monkeypatch.chdir("inside")
    with flask_command():
        assert settings.load_settings().web_threads == FIELDS["web_threads"].default


def test_invalid_dotenv_is_rejected_like_the_environment() -> None:
    write_dotenv(APP_ENV="development", MAX_WORKERS="several", RATELIMIT_DEFUALT="1 per day")
    assert set(faults()) == {"MAX_WORKERS", "RATELIMIT_DEFUALT"}


def test_variables_flask_loads_from_dotenv_are_dropped_in_production() -> None:
    write_dotenv(APP_ENV="development", WEB_THREADS="12")
    with flask_command(APP_ENV="production"):
        assert os.environ["WEB_THREADS"] == "12"
        assert settings.load_settings().web_threads == FIELDS["web_threads"].default


def test_variables_flask_loads_from_dotenv_are_kept_in_development() -> None:
    write_dotenv(APP_ENV="development", WEB_THREADS="12", OTHER="variable")
    with flask_command():
        assert settings.load_settings().web_threads == 12
        assert os.environ["OTHER"] == "variable"


def test_command_line_lists_invalid_settings_without_a_traceback() -> None:
    write_dotenv(**VALID | {"APP_ENV": "development"}, PORT="eighty")
    with patch.dict(os.environ, {}, clear=True):
        ended = CliRunner().invoke(flask.cli.cli, ["--app", PACKAGE, "routes"])
    assert ended.exit_code == 2
    assert isinstance(ended.exception, SystemExit)
    assert named(ended.output) == ["PORT"]
    assert "eighty" not in ended.output


def test_command_line_in_production_ignores_dotenv() -> None:
    write_dotenv(**VALID, PORT="eighty")
    given = {name: value for name, value in VALID.items() if name != "SECRET_KEY"}
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "--app", PACKAGE, "routes"],
        env={"PATH": os.environ["PATH"], "APP_ENV": "production", **given},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert named(ended.stderr) == ["SECRET_KEY"]
    assert "Traceback" not in ended.stderr


def named(output: str) -> list[str]:
    """Return the variables that an error message lists."""
    return re.findall(r"^  ([A-Z_]+): ", output, re.MULTILINE)


def test_secret_may_be_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(VALID["SECRET_KEY"] + "\n")
    assert load(SECRET_KEY=None, SECRET_KEY_FILE=str(file)).secret_key == VALID["SECRET_KEY"]
    file.write_text("short")
    assert faults(SECRET_KEY_FILE=str(file)) == {"SECRET_KEY": "Shorter than 32 bytes."}


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_unreadable_secret_file_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    sentence = "SECRET_KEY_FILE does not name a readable text file."
    assert faults(SECRET_KEY_FILE=str(file)) == {"SECRET_KEY": sentence}


def test_env_example_lists_all_settings_with_their_defaults() -> None:
    lines = EXAMPLE.findall((ROOT / ".env.example").read_text())
    assert [name for _, name, _ in lines] == [name.upper() for name in FIELDS]
    Path(".env").write_text("".join(f"{name}={value}\n" for _, name, value in lines))
    found = dataclasses.asdict(load(DATABASE_URL=None, RATELIMIT_STORAGE_URI=None))
    for commented_out, name, _ in lines:
        default = FIELDS[name.lower()].default
        if commented_out:
            assert found[name.lower()] == (list(default) if default == () else default)
        else:
            assert name in {"APP_ENV", "RATELIMIT_DEFAULT", "RATELIMIT_WRITES", *VALID}
