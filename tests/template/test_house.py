"""House rules of the template, such as limits on Jinja in Python and on module length."""

import re
from pathlib import Path

import pytest
import yaml

from tools.render import ROOT, render

TEMPLATE = ROOT / "template"
FILES = [path for path in sorted(TEMPLATE.rglob("*")) if path.is_file() and ".pyc" not in path.name]
PACKAGE = "src/{{package_name}}"

# Python files with Jinja, and the maximum number of tags in each. Ask before adding a file.
JINJA_IN_PYTHON = {
    "migrations/versions/0003_experiments.py.jinja": 1,
    f"{PACKAGE}/__init__.py.jinja": 22,
    f"{PACKAGE}/settings/table.py.jinja": 13,
    "tests/conftest.py.jinja": 12,
    "tests/support/service.py.jinja": 36,
    "wsgi.py.jinja": 1,
}
MODULE_LINES = 200
TEST_LINES = 250

TAG = re.compile(r"\{[{%].*?[}%]\}")
CONTROL = re.compile(r"\{%[-+]?\s*(if|elif|else|endif|for|endfor)\b.*?%\}")


def name(path: Path) -> str:
    return path.relative_to(TEMPLATE).as_posix()


def test_jinja_in_python_files_stays_within_its_budget() -> None:
    found = {
        name(path): len(TAG.findall(path.read_text()))
        for path in FILES
        if path.name.endswith(".py.jinja")
    }
    assert set(found) == set(JINJA_IN_PYTHON)
    over = {file: count for file, count in found.items() if count > JINJA_IN_PYTHON[file]}
    assert not over


@pytest.mark.parametrize("path", FILES, ids=name)
def test_jinja_blocks_are_whole_lines_and_never_nested(path: Path) -> None:
    if path.suffix != ".jinja":
        return
    depth = 0
    for line in path.read_text().splitlines():
        match = CONTROL.search(line)
        if match is None:
            continue
        assert CONTROL.sub("", line).strip() == "", f"a block inside a line: {line}"
        depth += {"if": 1, "for": 1, "endif": -1, "endfor": -1}.get(match[1], 0)
        assert depth <= 1, line


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".py"], ids=name)
def test_python_files_compile_without_rendering(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\{% |\{\{ ", text)
    compile(text, str(path), "exec")


@pytest.mark.parametrize("path", [path for path in FILES if "src" in path.parts], ids=name)
def test_no_module_of_a_project_is_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", [path for path in FILES if "tests" in path.parts[-3:]], ids=name)
def test_no_test_file_of_a_project_is_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= TEST_LINES


def test_deselected_parts_leave_no_trace(template: Path, tmp_path: Path) -> None:
    answers = {"auth": "none", "example": False}
    project = render(template, tmp_path / "project", answers)
    for path in project.rglob("*"):
        if not path.is_file() or ".git" in path.parts or path.name == ".copier-answers.yml":
            continue
        text = path.read_text()
        for word in (
            "experiment",
            "api_key",
            "api-key",
            "ApiKey",
            "jwt",
            "jwks",
            "openai",
            "upstream",
            "model_api",
        ):
            assert word not in text, f"{word} in {path.name}"
        assert "experiment" not in path.name
        assert "api_key" not in path.name


def test_the_first_revisions_are_the_same_on_all_three_engines(
    template: Path, tmp_path: Path
) -> None:
    rendered = []
    for database in ("sqlite", "postgresql", "mariadb"):
        project = render(template, tmp_path / database, {"database": database})
        revisions = (project / "migrations" / "versions").glob("*.py")
        rendered.append({revision.name: revision.read_bytes() for revision in revisions})
    assert len(rendered[0]) == 3
    assert rendered[0] == rendered[1] == rendered[2]


def test_every_path_in_the_exclude_list_exists() -> None:
    """Otherwise a renamed file would be rendered although it should be excluded."""
    config = yaml.safe_load((ROOT / "copier.yml").read_text())
    for pattern in config["_exclude"]:
        match = re.fullmatch(r"\{%.*%\}/(.*)\{% endif %\}", pattern)
        if match is None or match[1] == ".env":
            continue
        path = match[1].replace("{{ package_name }}", "{{package_name}}")
        assert (TEMPLATE / path).exists() or (TEMPLATE / f"{path}.jinja").exists(), path
