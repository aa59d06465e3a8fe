"""`flask --help` lists the project's commands before those of libraries, each with a whole line."""

import re
from importlib.metadata import entry_points

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo, cli

from ..support.service import PACKAGE

LIBRARIES = {"limiter", "openapi", "routes", "run", "shell"}
OURS = {
    each.name
    for each in entry_points(group="flask.commands")
    if each.value.startswith((f"{PACKAGE}.core.", f"{PACKAGE}.doctor", f"{PACKAGE}.settings"))
}


@pytest.fixture
def listed(shared_app: Flask) -> dict[str, str]:
    """The commands that the help lists, in order, each with its line."""
    info = ScriptInfo(create_app=lambda: shared_app)
    shown = CliRunner().invoke(cli, ["--help"], obj=info)
    assert shown.exit_code == 0
    commands = shown.stdout.partition("Commands:\n")[2]
    return dict(re.findall(r"^  (\S+)  +(.+)$", commands, re.MULTILINE))


def test_commands_of_the_project_come_before_those_of_libraries(listed: dict[str, str]) -> None:
    order = [name for name in listed if name in OURS | LIBRARIES]
    assert {*order[: len(OURS)]} == OURS


def test_help_of_each_command_fits_its_line(listed: dict[str, str]) -> None:
    for name in OURS:
        assert not listed[name].endswith("..."), name
