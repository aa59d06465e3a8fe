"""Faults in settings."""

from ..deployment import World
from . import broken


@broken("CFG001")
def misspelled(world: World) -> None:
    world.variables["RATELIMIT_DEFUALT"] = "1 per day"


@broken("CFG002")
def silenced_without_a_reason(world: World) -> None:
    text = '[tool.doctor.silence]\nLIM001 = " "\n'
    (world.folder / "pyproject.toml").write_text(text)


@broken("CFG003")
def environment(world: World) -> None:
    world.variables["APP_ENV"] = "testing"


@broken("SEC001")
def used_twice(world: World) -> None:
    world.variables["SECRET_KEY_FALLBACKS"] = world.variables["SECRET_KEY"]


@broken("SEC002")
def readable_by_others(world: World) -> None:
    (world.folder / ".env").touch(mode=0o644)
