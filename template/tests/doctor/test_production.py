"""The documented production variables, and how the doctor recognizes production."""

import dataclasses

import pytest

from ..support.service import settings
from .conftest import PATIENT, production
from .deployment import World


def test_production_variables_include_every_required_setting() -> None:
    required = {
        field.name.upper()
        for field in dataclasses.fields(settings.Settings)
        if field.default is settings.declare.REQUIRED
    }
    known = {field.name.upper() for field in dataclasses.fields(settings.Settings)}
    assert required <= set(production()) <= known


def test_production_variables_pass_the_doctor(world: World) -> None:
    world.variables = {
        name: value for name, value in world.variables.items() if name not in PATIENT
    }
    result = world.run("--deploy", "--live", "--fail-level=warning")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.startswith("Nothing found")


@pytest.mark.parametrize("option", [[], ["--deploy"]])
def test_production_is_judged_with_and_without_the_deploy_option(
    world: World, option: list[str]
) -> None:
    world.variables.pop("APP_ENV")
    world.variables["TRUSTED_HOSTS"] = ""
    assert "HST001" in world.run(*option).stdout


def test_development_is_not_judged_as_production(world: World) -> None:
    world.variables |= {"APP_ENV": "development", "TRUSTED_HOSTS": ""}
    assert world.run("--fail-level=info").exit_code == 0


def test_replicas_count_as_processes(world: World) -> None:
    world.variables["RATELIMIT_STORAGE_URI"] = "memory://"
    world.variables["WEB_CONCURRENCY"] = "1"
    assert "by 3 processes" in world.run("--replicas=3").stdout
