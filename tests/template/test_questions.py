"""Questions: every default works, and an invalid answer is rejected before rendering."""

import keyword
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.render import ROOT, render

CONFIG = yaml.safe_load((ROOT / "copier.yml").read_text())

WRONG: list[tuple[str, Any, str]] = [
    ("project_name", "My-Service", "kebab-case"),
    ("project_name", "my_service", "kebab-case"),
    ("project_name", "my--service", "kebab-case"),
    ("project_name", "-service", "kebab-case"),
    ("project_name", "service-", "kebab-case"),
    ("project_name", "1service", "kebab-case"),
    ("project_name", "service\n", "kebab-case"),
    ("project_name", "", "kebab-case"),
    ("project_name", "a" * 41, "at most 40"),
    ("project_name", "json", "another name"),
    ("project_name", "class", "another name"),
    ("project_name", "flask-limiter", "another name"),
    ("project_name", "tests", "another name"),
    ("description", "", "in one line"),
    ("description", "   ", "in one line"),
    ("description", "two\nlines", "one line"),
    ("description", "a\x00b", "one line"),
    ("description", "a\u2028b", "one line"),
    ("rate_limit", "often", "Write limits like"),
    ("rate_limit", "0 per day", "Write limits like"),
    ("rate_limit", "10 per day; 0 per hour", "Write limits like"),
    ("rate_limit", "10 per fortnight", "Write limits like"),
    ("rate_limit", "1 per day; " * 10 + "1 per day", "at most 100"),
    ("database", "oracle", "Invalid choice"),
    ("rate_limit_storage", "memcached", "Invalid choice"),
    ("log_level", "TRACE", "Invalid choice"),
    ("auth", "basic", "Invalid choice"),
    ("upstream", "anthropic", "Invalid choice"),
    ("python_version", "3.10", "Invalid choice"),
    ("deploy", ["heroku"], "Invalid choice"),
]


@pytest.mark.parametrize(("question", "answer", "sentence"), WRONG)
def test_invalid_answer_is_rejected_before_rendering(
    template: Path, tmp_path: Path, question: str, answer: Any, sentence: str
) -> None:
    project = tmp_path / "project"
    with pytest.raises(ValueError, match=sentence):
        render(template, project, {question: answer})
    assert not project.exists() or not any(project.iterdir())


@pytest.mark.parametrize(
    "description",
    [
        "It's \"quoted\", with back\\slashes and 'apostrophes'",
        "Braces {{ x }} {% y %} {# z #} and a $VARIABLE",
        "Größe, 日本語, emoji 🚀 and <html> & more",
        "# not a comment",
    ],
)
def test_description_may_be_any_text(template: Path, tmp_path: Path, description: str) -> None:
    project = render(template, tmp_path / "project", {"description": description})
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert metadata["project"]["description"] == description
    assert description in (project / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("question", [name for name in CONFIG if not name.startswith("_")])
def test_every_question_has_a_default_and_a_help_text(question: str) -> None:
    asked = CONFIG[question]
    assert "default" in asked
    if asked.get("when") is not False:
        assert len(asked["help"]) > 20


def test_reserved_names_include_the_standard_library_and_keywords() -> None:
    reserved = set(CONFIG["reserved_names"]["default"].split())
    modules = {name for name in sys.stdlib_module_names if name[0].isalpha() and name.islower()}
    keywords = {word for word in [*keyword.kwlist, *keyword.softkwlist] if word.islower()}
    assert modules | (keywords - {"_"}) <= reserved


def test_reserved_names_include_every_dependency(template: Path, tmp_path: Path) -> None:
    reserved = set(CONFIG["reserved_names"]["default"].split())
    answers = {"database": "postgresql", "rate_limit_storage": "redis", "upstream": "openai"}
    project = render(template, tmp_path / "project", answers)
    metadata = tomllib.loads((project / "pyproject.toml").read_text())
    listed = metadata["project"]["dependencies"] + metadata["dependency-groups"]["dev"]
    names = {line.split(">=")[0].split("[")[0].replace("-", "_") for line in listed}
    assert names <= reserved


@pytest.mark.parametrize(
    "answer",
    [
        {"project_name": "other-name"},
        {"description": "Something else"},
        {"database": "postgresql"},
        {"database": "mariadb"},
        {"rate_limit": "7 per hour"},
        {"rate_limit_storage": "redis"},
        {"log_level": "DEBUG"},
        {"auth": "none"},
        {"upstream": "openai"},
        {"python_version": "3.14"},
        {"example": False},
    ],
)
def test_every_question_changes_what_is_rendered(
    template: Path, tmp_path: Path, answer: dict[str, Any]
) -> None:
    asked = {name for name in CONFIG if not name.startswith("_")}
    asked -= {name for name in asked if CONFIG[name].get("when") is False}
    assert set(answer) <= asked
    default = contents(render(template, tmp_path / "default", {}))
    changed = contents(render(template, tmp_path / "changed", answer))
    assert default != changed


def contents(project: Path) -> dict[str, bytes]:
    """The rendered files, without the recorded answers and without .env, which has a random key."""
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and ".git" not in path.parts
        if path.name not in (".copier-answers.yml", ".env")
    }
