"""`flask --help` lists the commands of this project first, and a whole line for each."""

import re
from importlib.metadata import entry_points

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo, cli

from ..support.service import PACKAGE

LIBRARIES = {"limiter", "openapi", "routes", "run", "shell"}


@pytest.fixture
def listed(shared_app: Flask) -> dict[str, str]:
    """The commands that the help lists, in order, each with its line."""
    info = ScriptInfo(create_app=lambda: shared_app)
    shown = CliRunner().invoke(cli, ["--help"], obj=info)
    assert shown.exit_code == 0
    commands = shown.stdout.partition("Commands:\n")[2]
    return dict(re.findall(r"^  (\S+)  +(.+)$", commands, re.MULTILINE))


def own_commands() -> set[str]:
    found = entry_points(group="flask.commands")
    return {each.name for each in found if each.value.startswith(f"{PACKAGE}.")}


def test_commands_of_the_project_come_first(listed: dict[str, str]) -> None:
    own = own_commands()
    assert {*list(listed)[: len(own)]} == own
    assert listed.keys() >= LIBRARIES


def test_help_of_each_command_of_the_project_fits_its_line(listed: dict[str, str]) -> None:
    for name in own_commands():
        assert listed[name].endswith("."), name
        assert not listed[name].endswith("..."), name
