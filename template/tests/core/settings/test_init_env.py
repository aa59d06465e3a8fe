"""`flask init-env` creates a working .env, and never changes an existing one."""

import os
import re
import shutil
import stat
from pathlib import Path
from unittest.mock import patch

import flask.cli
import pytest
from click.testing import CliRunner, Result

from ...conftest import ROOT
from .test_settings import load

ENV = Path(".env")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run the test in a folder that looks like the project's."""
    for name in (".env.example", "wsgi.py"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init_env(**environment: str) -> Result:
    """Run the command as Flask's own command line does."""
    with patch.dict(os.environ, environment, clear=True):
        return CliRunner().invoke(flask.cli.cli, ["init-env"])


def test_dotenv_gets_a_random_key_and_is_readable_only_by_its_owner() -> None:
    keys = set()
    for _ in range(2):
        assert init_env().exit_code == 0
        assert stat.S_IMODE(ENV.stat().st_mode) == 0o600
        found = load(SECRET_KEY=None, DATABASE_URL=None, RATELIMIT_STORAGE_URI=None)
        assert found.app_env == "development"
        assert re.fullmatch("[0-9a-f]{64}", found.secret_key)
        keys.add(found.secret_key)
        text = ENV.read_text().replace(found.secret_key, "")
        assert text == Path(".env.example").read_text()
        ENV.unlink()
    assert len(keys) == 2


def test_init_env_does_not_print_the_key() -> None:
    output = init_env().output
    assert load(SECRET_KEY=None).secret_key not in output


@pytest.mark.parametrize("link", [False, True])
def test_existing_dotenv_is_not_changed(project: Path, link: bool) -> None:
    if link:
        ENV.symlink_to("elsewhere")
    else:
        ENV.write_text("KEPT=1\n")
    result = init_env()
    assert result.exit_code == 1
    assert result.output == "Error: .env already exists, and was not changed.\n"
    assert not (project / "elsewhere").exists()
    assert link or ENV.read_text() == "KEPT=1\n"


def test_missing_env_example_is_reported() -> None:
    Path(".env.example").unlink()
    result = init_env()
    assert result.exit_code == 1
    assert "There is no .env.example here" in result.output
    assert not ENV.exists()


def test_init_env_works_with_invalid_settings() -> None:
    assert init_env(FLASK_APP="wsgi", PORT="eighty", SECRET_KEY="short").exit_code == 0
    assert ENV.is_file()
