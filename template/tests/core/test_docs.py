"""README and docs: the settings table, and the commands, files, tests and module they show."""

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
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", ROOT / "AGENTS.md", *(ROOT / "docs").glob("*.md")]
    if path.exists()
}
ALL_PAGES = "\n".join(PAGES.values())
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def _shown(default: object) -> str:
    if default is settings.declare.REQUIRED:
        return "required"
    if default in ("", ()):
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`".replace("|", "\\|")


def test_documented_settings_match_the_settings_table() -> None:
    declared = [
        (field.name.upper(), _shown(field.default), field.metadata["help"])
        for field in dataclasses.fields(settings.Settings)
    ]
    assert ROW.findall(PAGES["docs/settings.md"]) == declared


def test_documented_flask_commands_exist(app: Flask) -> None:
    flask = FlaskGroup(create_app=lambda: app)
    for command in set(re.findall(r"uv run flask ((?:[a-z][a-z-]* ?){1,2})", ALL_PAGES)):
        result = app.test_cli_runner().invoke(flask, [*command.split()[:2], "--help"])
        assert result.exit_code == 0, command


def test_files_of_the_documented_structure_exist() -> None:
    for line in PAGES["docs/structure.md"].splitlines():
        if not line.startswith("| `"):
            continue
        for name in re.findall(r"`([a-z_/.]+)`", line.split("|")[1]):
            places = (ROOT / name, ROOT / "src" / PACKAGE / name)
            assert any(place.exists() for place in places), name


def notes_for_agents() -> str:
    """Return what the template says in AGENTS.md, which its owner may delete or extend."""
    return PAGES.get("AGENTS.md", "").partition("<!-- Yours")[0]


def test_each_rule_for_coding_agents_names_its_tests() -> None:
    rules = notes_for_agents().partition("The tests enforce each of these.")[2]
    for rule in re.split(r"^- ", rules, flags=re.MULTILINE)[1:]:
        assert re.search(r"`tests/\S+\.py`", rule), rule


def test_links_between_pages_work() -> None:
    for page, text in PAGES.items():
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert ((ROOT / page).parent / link).exists(), f"{page}: {link}"


def test_documented_tests_exist() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    defined = set(re.findall(r"def (test_\w+)\(", "".join(file.read_text() for file in files)))
    assert set(re.findall(r"`(test_[a-z_]+)`", ALL_PAGES)) <= defined


def test_documented_example_module_works(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(
        r"^```python\n(.*?)^```", PAGES["docs/routes.md"], re.MULTILINE | re.DOTALL
    )
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
