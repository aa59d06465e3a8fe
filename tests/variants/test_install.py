"""The variant installs on its Python version, with the requested dependency versions."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from tools.project import must


def test_project_is_installed_on_its_python_version(project: Path, python: str) -> None:
    version = must(project, "python", "-c", "import platform; print(platform.python_version())")
    assert version.startswith(f"{python}.")


@pytest.mark.skipif("UV_RESOLUTION" not in os.environ, reason="the newest are installed")
def test_lowest_allowed_versions_are_installed(project: Path) -> None:
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = dict(
        _bound(requirement)
        for requirement in table["project"]["dependencies"] + table["dependency-groups"]["dev"]
    )
    listed = json.loads(must(project, "uv", "pip", "list", "--format=json"))
    installed = {package["name"]: package["version"] for package in listed}
    assert {name: _release(installed[name]) for name in wanted} == wanted


def _bound(requirement: str) -> tuple[str, str]:
    match = re.match(r"([\w-]+)(?:\[\w+\])?>=([\w.]+)", requirement)
    assert match, f"{requirement} has no lower bound"
    return match[1], _release(match[2])


def _release(version: str) -> str:
    """Normalize a version: 1.0 and 1.0.0 are the same release."""
    return re.sub(r"(\.0)+$", "", version)
