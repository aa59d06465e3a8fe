"""README: its settings table, and the commands, files, tests and module it shows, are correct."""

import dataclasses
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.cli import FlaskGroup

from ..conftest import MakeApp
from ..support.service import PACKAGE, settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def _shown(default: object) -> str:
    if default is settings.declare.REQUIRED:
        return "required"
    if default in ("", ()):
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`".replace("|", "\\|")


def test_settings_in_the_readme_match_the_settings_table() -> None:
    declared = [
        (field.name.upper(), _shown(field.default), field.metadata["help"])
        for field in dataclasses.fields(settings.Settings)
    ]
    assert ROW.findall(README) == declared


def test_flask_commands_in_the_readme_exist(app: Flask) -> None:
    flask = FlaskGroup(create_app=lambda: app)
    for command in set(re.findall(r"uv run flask ((?:[a-z][a-z-]* ?){1,2})", README)):
        result = app.test_cli_runner().invoke(flask, [*command.split()[:2], "--help"])
        assert result.exit_code == 0, command


def test_files_named_in_the_readme_exist() -> None:
    for line in README.splitlines():
        if not line.startswith("| `") or ROW.match(line):
            continue
        for name in re.findall(r"`([a-z_/.]+)`", line.split("|")[1]):
            places = (ROOT / name, ROOT / "src" / PACKAGE / name)
            assert any(place.exists() for place in places), name


def test_tests_named_in_the_readme_exist() -> None:
    for name in re.findall(r"`(test_[a-z_]+)`", README):
        assert any(f"def {name}(" in file.read_text() for file in (ROOT / "tests").rglob("*.py")), (
            name
        )


def test_example_module_in_the_readme_works(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    name = f"{PACKAGE}.prices"
    monkeypatch.setitem(sys.modules, name, ModuleType(name))
    module: dict[str, Any] = {"__name__": f"{name}.views", "__package__": name}
    exec(compile(code, "views.py", "exec"), module)
    app = make_app()
    app.register_blueprint(module["blueprint"])
    client = app.test_client()
    answers = [client.get("/api/v1/prices/7") for _ in range(11)]
    assert answers[0].get_json() == {"cents": 700}
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
