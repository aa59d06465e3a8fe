"""System faults: timeouts, clock, files and dependencies."""

from types import SimpleNamespace
from unittest.mock import patch

from flask import Flask

from ...support.service import health
from ..deployment import World, part
from . import broken


@broken("TMO001")
def statement_outlasts_request(world: World) -> None:
    world.variables["DATABASE_STATEMENT_TIMEOUT"] = "18"


@broken("CLK001")
def long_ago(world: World) -> None:
    then = SimpleNamespace(time=lambda: 0.0)
    world.stack.enter_context(patch.object(part("checks.system"), "time", then))


@broken("FS001")
def no_folder(world: World) -> None:
    world.variables["LOG_FILE"] = str(world.folder / "missing" / "log")


@broken("DEP001")
def another_dependency(world: World) -> None:
    def watch(app: Flask) -> None:
        health.add_dependency(app, "billing", lambda: False, required=False)

    world.changes.append(watch)
