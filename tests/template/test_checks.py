"""Each check of a rendered tree finds the faults it is meant for, and none in a good tree."""

from pathlib import Path

import pytest

from tools.inspection import commands, files, imports, leftovers
from tools.planted_faults import FAULTS, OF_ANSWERS, Fault
from tools.matrix.questions import answers, defaults
from tools.render import ROOT

ANSWERS = answers(defaults()) | {"project_name": "other", "description": "A {{ braced }} one"}

PYPROJECT = """\
[project]
name = "other"
version = "0.1.0"
dependencies = ["flask>=3"]

[project.scripts]
serve = "other.server:main"

[project.entry-points."flask.commands"]
db = "flask_migrate.cli:db"

[dependency-groups]
dev = ["pytest>=9"]
"""
README = """\
# Other

See [below](#more-to-read) and [the tests](tests/test_it.py).

## More to read

```sh
uv run flask db upgrade
uvx nox -s lint
```

```python
import other


def more() -> None: ...
```
"""
GOOD = {
    "pyproject.toml": PYPROJECT,
    "README.md": README,
    "noxfile.py": "def lint(session) -> None: ...\n",
    "src/other/__init__.py": "from .server import main\n",
    "src/other/server.py": "import flask\n\n\ndef main() -> None: ...\n",
    "tests/test_it.py": "from other import server\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in GOOD.items():
        write(tmp_path, name, text)
    return tmp_path


def write(project: Path, name: str, text: str) -> None:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def all_faults(project: Path) -> list[str]:
    return [
        *files.faults(project),
        *leftovers.faults(project, ANSWERS),
        *imports.faults(project),
        *commands.faults(project),
    ]


def test_a_good_tree_has_no_fault(project: Path) -> None:
    assert all_faults(project) == []


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("slip.py", "def f(:\n", "slip.py: 1: invalid syntax"),
        ("pyproject.toml", "[project\n", "Expected ']'"),
        ("pyproject.toml", '[project]\nname = "a b"\n', "project"),
        ("twice.json", '{"a": 1, "a": 2}\n', "an object has a duplicate key"),
        ("slip.json", "{,}\n", "slip.json: "),
        ("slip.yml", "a: [1\n", "syntax error"),
        ("twice.yaml", "a: 1\na: 2\n", "duplication of key"),
        ("other.ini", "no section\n", "no section headers"),
        ("Dockerfile", "FROM debian\nRUN apt-get install curl\n", "DL3006"),
        ("picture.xyz", "?\n", "no check for files of this type"),
    ],
)
def test_file_rejected_by_its_parser_or_linter_is_reported(
    project: Path, name: str, text: str, fault: str
) -> None:
    write(project, name, text)
    found = files.faults(project)
    assert any(line.startswith(f"{name}: ") and fault in line for line in found), found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("A {{ title }}\n", "template tag: {{"),
        ("{% if x %}\n", "template tag: {%"),
        ("TODO: write\n", "placeholder: TODO"),
        ("Here is My Service\n", "name of another project: My Service"),
        ("[page](docs/page.md)\n", "broken link: docs/page.md"),
        ("[part](#nowhere)\n", "broken link: #nowhere"),
        ("It is shown by `test_nothing`.\n", "no such test: test_nothing"),
        ("\nText\n", "starts with a blank line"),
        ("Text\n\n", "ends with a blank line"),
        ("Text", "no newline at end of file"),
        ("One\n\n\nTwo\n", "2: two consecutive blank lines"),
        ("One \nTwo\n", "1: trailing whitespace"),
    ],
)
def test_template_leftovers_are_reported(project: Path, text: str, fault: str) -> None:
    write(project, "more.md", text)
    assert f"more.md: {fault}" in leftovers.faults(project, ANSWERS)


def test_description_by_the_owner_is_not_a_leftover(project: Path) -> None:
    write(project, "more.md", "A {{ braced }} one\n")
    assert leftovers.faults(project, ANSWERS) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import redis\n", "redis is not a dependency"),
        ("from . import nowhere\n", "src/other/__init__.py has no nowhere"),
        ("from .nowhere import x\n", "there is no module src/other/nowhere"),
        ("from .server import nothing\n", "src/other/server.py has no nothing"),
        ("import other.nowhere\n", "other.nowhere is not a dependency"),
    ],
)
def test_broken_import_is_reported(project: Path, text: str, fault: str) -> None:
    write(project, "src/other/more.py", text)
    assert f"src/other/more.py:1: {fault}" in imports.faults(project)


def test_unused_module_is_reported(project: Path) -> None:
    write(project, "src/other/lonely.py", "X = 1\n")
    assert imports.faults(project) == ["src/other/lonely.py: nothing uses this module"]


@pytest.mark.parametrize(
    "command",
    [
        "uv run flask nothing",
        "uv run nothing",
        "uv run python -m tests.nothing",
        "uv nothing",
        "uvx nothing",
        "uvx nox -s nothing",
    ],
)
def test_nonexistent_command_in_the_readme_is_reported(project: Path, command: str) -> None:
    write(project, "README.md", README + f"\nTry `{command}`.\n")
    assert commands.faults(project) == [f"README.md: {command}"]


def test_nonexistent_command_in_another_page_is_reported(project: Path) -> None:
    write(project, "README.md", README + "\nSee [more](docs/more.md).\n")
    write(project, "docs/more.md", "Try `uvx nothing`.\n")
    assert commands.faults(project) == ["docs/more.md: uvx nothing"]


def test_page_without_a_link_in_the_readme_is_reported(project: Path) -> None:
    write(project, "docs/more.md", "# More\n")
    assert commands.faults(project) == ["README.md does not link docs/more.md"]


def test_readme_without_commands_is_reported(project: Path) -> None:
    write(project, "README.md", "# Other\n")
    assert commands.faults(project) == ["README.md shows no command"]


@pytest.mark.parametrize("fault", [*FAULTS.values(), *OF_ANSWERS.values()])
def test_each_fault_can_still_be_planted(fault: Fault) -> None:
    assert fault.old in (ROOT / fault.file).read_text(encoding="utf-8")
