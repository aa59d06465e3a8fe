"""No output shows a secret, whatever is wrong with the secret or with what it gives access to."""

import dataclasses
import hashlib
import secrets
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from ..support.service import settings
from .deployment import EVERYTHING, World

SECRET = [
    field.name.upper()
    for field in dataclasses.fields(settings.Settings)
    if field.metadata["secret"]
]
FORMATS = ("text", "json", "sarif")


def outputs(world: World) -> str:
    results = [world.run(*EVERYTHING, f"--format={each}") for each in FORMATS]
    for result in results:
        assert result.exit_code in (0, 1), result.exception
    return "".join(f"{result.output}{result.exception}" for result in results)


STRONG = hashlib.sha256(b"of a length and a look that hold").hexdigest()


@pytest.mark.parametrize("value", ["canary", "canary://", f"canary{STRONG}"])
@pytest.mark.parametrize("name", SECRET)
def test_secret_is_never_shown_even_if_invalid(world: World, name: str, value: str) -> None:
    world.variables[name] = value
    assert "canary" not in outputs(world)


@pytest.mark.parametrize("name", SECRET)
def test_secret_from_a_file_is_never_shown(world: World, name: str) -> None:
    file = Path("secret")
    file.write_text(f"canary{secrets.token_hex(32)}")
    world.variables.pop(name, None)
    world.variables[f"{name}_FILE"] = str(file.absolute())
    assert "canary" not in outputs(world)


def test_no_part_of_an_unreachable_database_url_is_shown(world: World) -> None:
    url = make_url(world.variables["DATABASE_URL"])
    if url.get_backend_name() == "sqlite":
        url = url.set(database="/canary/canary.db")
    else:
        canary = f"canary{secrets.token_hex(9)}"
        url = url.set(username=canary, password=canary, host="canary.invalid", database=canary)
        url = url.set(query={})
    world.variables["DATABASE_URL"] = url.render_as_string(hide_password=False)
    assert "canary" not in outputs(world)
