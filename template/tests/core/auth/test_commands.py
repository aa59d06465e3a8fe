"""`flask api-key`: shows a key once, and reports errors in one sentence with exit code 1 or 2."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from click.testing import Result
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import select

from ...conftest import ROOT, as_variables
from ...support.service import api_keys, database

DONE, REFUSED, MISUSED = 0, 1, 2


class Run(Protocol):
    """Runs `flask api-key` with these arguments."""

    def __call__(self, *arguments: str) -> Result: ...


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    # The command line sets this variable; monkeypatch restores it for other tests.
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    flask = FlaskGroup(create_app=lambda: app, load_dotenv=False, set_debug_flag=False)
    with app.app_context():
        yield lambda *arguments: app.test_cli_runner().invoke(flask, ["api-key", *arguments])


def rows() -> list[api_keys.ApiKey]:
    with database.transaction() as session:
        return list(session.scalars(select(api_keys.ApiKey).order_by(api_keys.ApiKey.id)))


def test_new_key_is_the_last_line_of_stdout(app: Flask, some_settings: dict[str, Any]) -> None:
    variables = as_variables(some_settings)
    done = subprocess.run(
        [sys.executable, "-m", "flask", "api-key", "create", "robot"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    key = done.stdout.splitlines()[-1]
    assert key not in done.stderr
    with app.app_context():
        assert api_keys.verify(key) == rows()[0].owner


def test_create_prints_only_the_key_to_stdout(run: Run) -> None:
    result = run("create", "robot")
    assert result.exit_code == DONE
    assert api_keys.verify(result.stdout.strip()) == rows()[0].owner
    assert "shown only once" in result.stderr


@pytest.mark.parametrize(
    ("written", "lifetime"),
    [
        ("90d", dt.timedelta(days=90)),
        ("12h", dt.timedelta(hours=12)),
        ("30m", dt.timedelta(minutes=30)),
        ("99999d", dt.timedelta(days=99_999)),
        ("0", None),
        ("0d", None),
    ],
)
def test_duration_is_a_number_with_a_unit_and_0_means_forever(
    run: Run, written: str, lifetime: dt.timedelta | None
) -> None:
    assert run("create", "robot", f"--expires={written}").exit_code == DONE
    [row] = rows()
    found = row.expires_at and row.expires_at - row.created_at
    assert (found is None) == (lifetime is None)
    assert abs((found or dt.timedelta()) - (lifetime or dt.timedelta())) < dt.timedelta(minutes=1)


def test_key_is_valid_for_a_year_by_default(run: Run) -> None:
    run("create", "robot")
    [row] = rows()
    assert row.expires_at is not None
    assert (row.expires_at - row.created_at + dt.timedelta(minutes=1)).days == 365


@pytest.mark.parametrize(
    "option", ["create robot --expires", "rotate robot --overlap", "prune --older-than"]
)
def test_malformed_duration_is_a_usage_error(run: Run, option: str) -> None:
    for written in ("", "90", "1w", "-1d", "1.5h", "d", "123456d", "1d1h", "٣d"):
        result = run(*f"{option}={written}".split(" "))
        assert result.exit_code == MISUSED, written
        assert "like 90d" in result.stderr
    assert rows() == []


def test_invalid_name_is_a_usage_error(run: Run) -> None:
    for name in ("", " a", "-", "a" * 101, "a\n", "a/b", "é", "a\0"):
        result = run("create", "--", name)
        assert result.exit_code == MISUSED, name
        assert "Use 1 to 100 letters" in result.stderr
    assert rows() == []


def test_valid_name_is_stored_unchanged(run: Run) -> None:
    names = ["a", "A", "A9", "a b", "a.b_c@d-e", "a" * 100]
    assert {run("create", name).exit_code for name in names} == {DONE}
    assert [row.name for row in rows()] == names


def test_taken_name_is_reported_in_one_sentence(run: Run) -> None:
    run("create", "robot")
    result = run("create", "robot")
    assert (result.exit_code, result.stdout) == (REFUSED, "")
    expected = "Error: A key named robot already exists; see `flask api-key rotate`.\n"
    assert result.stderr == expected


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_unknown_name_is_reported_in_one_sentence(run: Run, command: str) -> None:
    result = run(command, "robot")
    assert (result.exit_code, result.stdout) == (REFUSED, "")
    assert result.stderr == "Error: There is no key named robot; see `flask api-key list`.\n"


def test_list_shows_every_key_without_secrets(run: Run) -> None:
    assert run("list").stdout == "No keys yet; create one with `flask api-key create NAME`.\n"
    key = run("create", "robot", "--expires=0").stdout.strip()
    api_keys.verify(key)
    run("create", "another")
    run("revoke", "another")
    first, second = run("list").stdout.splitlines()
    prefix = key.rpartition(rows()[0].prefix)[0] + rows()[0].prefix
    assert first.split()[:4] == [prefix, "active", "expires", "never"]
    assert f"used {dt.datetime.now(dt.UTC):%Y}" in first
    assert first.endswith("  robot")
    assert second.split()[1] == "revoked"
    assert "used never" in second
    assert key not in first


def test_rotate_prints_a_new_key_for_the_same_owner(run: Run) -> None:
    old = run("create", "robot").stdout.strip()
    result = run("rotate", "robot", "--overlap=1h")
    assert result.exit_code == DONE
    assert api_keys.verify(result.stdout.strip()) == api_keys.verify(old) is not None


def test_revoke_ends_every_key_with_the_name(run: Run) -> None:
    keys = [run(command, "robot").stdout.strip() for command in ("create", "rotate")]
    result = run("revoke", "robot")
    assert (result.exit_code, result.stdout) == (DONE, "Revoked 2 active key(s) of robot.\n")
    assert [api_keys.verify(key) for key in keys] == [None, None]


def test_prune_deletes_keys_that_have_ended(run: Run) -> None:
    run("create", "robot")
    run("create", "another")
    run("revoke", "another")
    assert run("prune").stdout == "Deleted 0 key(s).\n"
    assert run("prune", "--older-than=0").stdout == "Deleted 1 key(s).\n"
    assert [row.name for row in rows()] == ["robot"]


def test_each_change_of_a_key_is_a_security_event(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [run("create", "robot").stdout.splitlines()[-1]]
    keys.append(run("rotate", "robot").stdout.splitlines()[-1])
    run("revoke", "robot")
    run("prune", "--older-than", "1d")
    events = [record.msg for record in caplog.records if record.name == "audit"]
    told = [(event["event"], event.get("key")) for event in events if isinstance(event, dict)]
    assert told == [
        ("API key created", keys[0][:15]),
        ("API key rotated", keys[1][:15]),
        ("API keys revoked", None),
        ("API keys pruned", None),
    ]
