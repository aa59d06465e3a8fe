"""The README and docs match the repository: questions, tests, links and two commands."""

import re
from pathlib import Path

import pytest
import yaml

from tools.render import ROOT, render

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
MOST_LINES = 120
MOST_WORDS = 2 * 230  # what people read in two minutes
CONFIG = yaml.safe_load((ROOT / "copier.yml").read_text())


def test_every_documented_test_exists() -> None:
    sources = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("template/tests/**/*.py")]
    defined = {
        name
        for source in sources
        for name in re.findall(r"^def (test_\w+)\(", source.read_text(), re.MULTILINE)
    }
    named = {
        name
        for page in [*PAGES, ROOT / "template/docs/guarantees.md.jinja"]
        for name in re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= defined


def test_table_of_questions_lists_every_question_and_default() -> None:
    asked = {
        name: entry["default"]
        for name, entry in CONFIG.items()
        if not name.startswith("_") and entry.get("when") is not False
    }
    page = (ROOT / "docs/questions.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", page, re.MULTILINE))
    assert list(rows) == list(asked)
    for name, default in asked.items():
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        shown = shown.replace("'", "")
        assert rows[name] in (f"`{shown}`", "one line"), name


def test_every_link_into_the_repository_works() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_readme_is_short_and_links_every_page() -> None:
    assert len(README.splitlines()) < MOST_LINES
    assert all(f"](docs/{page.name})" in README for page in PAGES[1:])


def test_readme_is_read_in_two_minutes() -> None:
    text = re.sub(r"<!--.*?-->|!\[.*?\]\(.*?\)", "", README, flags=re.DOTALL)
    text = re.sub(r"\]\(.*?\)", "]", text)
    assert len(re.findall(r"\S*\w\S*", text)) <= MOST_WORDS


def test_each_readme_command_works_on_its_own() -> None:
    lines = re.findall(r"^python3 .+$", README, re.MULTILINE)
    assert len(lines) == 2
    assert all("pip install" in line and "noxfile.py" in line for line in lines)
    # `.ci/run` searches for this text.
    assert f"<!-- test line -->\n```sh\n{lines[1]}\n```" in README


def test_readme_states_the_size_of_a_default_project(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", {})
    package = project / "src/my_service"
    folders = {
        "the example": package / "experiments",
        "`core/`": package / "core",
        "`doctor/`": package / "doctor",
        "`settings/`": package / "settings",
        "`tests/`": project / "tests",
    }
    stated = re.findall(r"([\d,]+) in\s+(the example|`\w+/`)", README)
    assert {name for _, name in stated} == set(folders)
    for number, name in stated:
        lines = sum(len(path.read_text().splitlines()) for path in folders[name].rglob("*.py"))
        assert int(number.replace(",", "")) == pytest.approx(lines, rel=0.05), name
