"""Renders made by the tests are identical to those of the copier command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.render import VERSION, render

Tree = dict[str, tuple[bytes, int]]


def tree(project: Path) -> Tree:
    """The bytes and mode of each file, without .git and without .env, whose key is random."""
    return {
        path.relative_to(project).as_posix(): (path.read_bytes(), path.stat().st_mode)
        for path in project.rglob("*")
        if path.is_file() and path.name != ".env" and ".git" not in path.parts
    }


def test_render_in_tests_matches_the_copier_command_line(template: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet"]
    copied = tmp_path / "copied"
    subprocess.run([*command, f"--vcs-ref={VERSION}", template, copied], check=True)
    assert tree(copied) == tree(render(template, tmp_path / "rendered", {}))


@pytest.mark.parametrize(
    ("answers", "shown", "hidden"),
    [
        ({}, ["api-key create"], ["tests.support.servers", "token", "model"]),
        ({"auth": "none", "database": "mariadb"}, ["tests.support.servers"], ["API key", "token"]),
        ({"auth": "jwt", "upstream": "openai"}, ["a token", "a model"], ["API key", "servers"]),
    ],
)
def test_closing_message_fits_the_answers(
    template: Path, tmp_path: Path, answers: dict[str, str], shown: list[str], hidden: list[str]
) -> None:
    data = [f"--data={name}={value}" for name, value in answers.items()]
    command = [sys.executable, "-m", "copier", "copy", "--defaults", f"--vcs-ref={VERSION}", *data]
    done = subprocess.run(
        [*command, template, tmp_path / "copied"], capture_output=True, text=True, check=True
    )
    message = done.stderr.partition("has been rendered.")[2]
    assert "uv run flask db upgrade" in message
    assert [text for text in shown if text not in message] == []
    assert [text for text in hidden if text in message] == []
