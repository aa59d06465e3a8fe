"""The README matches the repository: its questions, tests, links and two commands."""

import re

import yaml

from tools.render import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIG = yaml.safe_load((ROOT / "copier.yml").read_text())


def test_every_test_named_in_the_readme_exists() -> None:
    sources = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("template/tests/**/*.py")]
    defined = {
        name
        for source in sources
        for name in re.findall(r"^def (test_\w+)\(", source.read_text(), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", README))
    assert named
    assert named <= defined


def test_readme_table_lists_every_question_and_default() -> None:
    asked = {
        name: entry["default"]
        for name, entry in CONFIG.items()
        if not name.startswith("_") and entry.get("when") is not False
    }
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", README, re.MULTILINE))
    assert list(rows) == list(asked)
    for name, default in asked.items():
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        shown = shown.replace("'", "")
        assert rows[name] in (f"`{shown}`", "one line"), name


def test_every_readme_link_into_the_repository_works() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)


def test_each_readme_command_works_on_its_own() -> None:
    lines = re.findall(r"^python3 .+$", README, re.MULTILINE)
    assert len(lines) == 2
    assert all("pip install" in line and "noxfile.py" in line for line in lines)
    # `.ci/run` searches for this text.
    assert f"<!-- test line -->\n```sh\n{lines[1]}\n```" in README
