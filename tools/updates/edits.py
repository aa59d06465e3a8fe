"""The edits that users make to a rendered project between two updates."""

import json
import re
import shutil
from pathlib import Path

from updating import carried, routes
from updating.move_table import table
from updating.moves import module_at

from ..render import ROOT, commit, git
from .projects import answers
from .widgets import DROP_EXPERIMENTS, FILES

MARK = "Yours: add below this line"
MOVED = table((ROOT / "updating/moves.toml").read_text())


def edit(project: Path) -> None:
    """Make every edit, and commit."""
    package = answers(project)["project_name"].replace("-", "_")
    for change in EDITS:
        change(project, package)
    commit(project, "Edit")


def add_a_blueprint(project: Path, package: str) -> None:
    """Add files of the project's own, with a revision after the last rendered one."""
    head = max(path.name for path in (project / "migrations/versions").glob("0*.py"))[:4]
    for name, text in FILES.items():
        path = project / name.format(package=package)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = text.replace("{head}", head)
        if (project / "src" / package / "core").exists() and name.endswith(".py"):
            place = module_at(
                name.format(package=package), MOVED.in_package(f"src/{package}").roots
            )
            text = MOVED.in_package(f"src/{package}").names.in_module(text, place, place)
            text = carried.in_module(routes.in_module(text), place, package)
        path.write_text(text, encoding="utf-8")
    factory = project / "src" / package / "__init__.py"
    word = "register_blueprint" if (factory.parent / "core").exists() else "register"
    lines = f"    api.{word}(widgets.blueprint)\n    app.before_request(widgets.note)\n"
    below(factory, "Yours: register", lines)
    below(factory, "Yours: import", "from . import widgets\n")


def delete_the_example(project: Path, package: str) -> None:
    """Delete the example by hand, as the rendered README says."""
    if not (project / "src" / package / "experiments").exists():
        return
    factory, readme = project / "src" / package / "__init__.py", project / "README.md"
    parts = ["experiments"]
    if (project / "src" / package / "runs").exists():
        parts.insert(0, "runs")
    if (project / "src" / package / "core").exists():
        for part in parts:
            swap(factory, f"from .{part}.views import blueprint as {part}\n", "")
            swap(factory, f"    api.register_blueprint({part})\n", "")
    else:
        swap(factory, "from .experiments.blueprints import BLUEPRINTS\n", "")
        swap(factory, "    api.register(*BLUEPRINTS)\n", "")
    rows = []
    for part in parts:
        tests = "".join(path.read_text("utf-8") for path in (project / "tests" / part).glob("*.py"))
        rows += [f"{part}/", *re.findall(r"def (test_\w+)", tests)]
        shutil.rmtree(project / "src" / package / part)
        shutil.rmtree(project / "tests" / part)
    cut(readme, r"## First request\n.*?(?=\n## )\n")
    cut(page(project, "upstream"), r"\n`POST /api/v1/experiments/ID/run`.*?\n(?=\n|\Z)")
    for name in ("guarantees", "structure"):
        cut(page(project, name), rf"^\|[^\n]*`(?:{'|'.join(rows)})`[^\n]*\n")
    revision = DROP_EXPERIMENTS.replace("{parts}", json.dumps(parts))
    if placed(project, package, "src/{package}/doctor/revisions.py").exists():  # it requires this
        revision = revision.replace('"0101"\n', '"0101"\nreviewed = "the example goes"\n', 1)
    (project / "migrations/versions/0101_drop_experiments.py").write_text(revision)


def change_settings(project: Path, package: str) -> None:
    """Change a default, and add a setting of the project's own."""
    table = project / "src" / package / "settings" / "table.py"
    swap(table, "web_threads: int = setting(8,", "web_threads: int = setting(12,")
    swap(project / ".env.example", "WEB_THREADS=8", "WEB_THREADS=12")
    settings = page(project, "settings")
    swap(settings, "| `WEB_THREADS` | `8` |", "| `WEB_THREADS` | `12` |")
    row = '    widget_limit: int = setting(5, "Widgets that a list shows", bounds=(1, 50))\n'
    below(table, MARK, row)
    below(project / ".env.example", MARK, "# WIDGET_LIMIT=5\n")
    header = "\n| Variable | Default | What it does |\n| --- | --- | --- |\n"
    row = "| `WIDGET_LIMIT` | `5` | Widgets that a list shows |\n"
    below(settings, "Yours: a table of your own settings", header + row)


def extend_lists(project: Path, package: str) -> None:
    """Add dependencies, nox sessions, ignored files and fixtures."""
    pyproject = project / "pyproject.toml"
    below(pyproject, MARK, '    "click>=8.1",\n', after="\ndependencies = [")
    below(pyproject, MARK, '    "iniconfig>=2",\n', after="\ndev = [")
    below(pyproject, MARK, "\n[tool.widgets]\ncolour = true\n", after="[tool.coverage.report]")
    below(project / ".gitignore", MARK, "/widgets/\n")
    session = '\n\n@nox.session\ndef widgets(session: nox.Session) -> None:\n    """None yet."""\n'
    below(project / "noxfile.py", "Yours: add sessions", session)
    fixture = (
        "\n\n@pytest.fixture\ndef no_widgets() -> dict[str, list[str]]:\n"
        '    """An empty list."""\n    return {"names": []}\n'
    )
    below(project / "tests/conftest.py", MARK, fixture, after="def client_with")


def write_in_the_readme(project: Path, package: str) -> None:
    """Add an introduction to the README, and a section at its end."""
    readme = project / "README.md"
    is_older = "## First minutes\n" in readme.read_text(encoding="utf-8")
    heading = "## First minutes\n" if is_older else "## Quick start\n"
    swap(readme, heading, f"Widgets for everybody.\n\n{heading}")
    below(readme, MARK, "\n## Widgets\n\nThey are listed.\n")


def move_a_file(project: Path, package: str) -> None:
    """Move a test module into a folder."""
    (project / "tests/network").mkdir()
    (project / "tests/network/__init__.py").touch()
    old, moved = placed(project, package, "tests/test_proxies.py"), "tests/network/test_proxies.py"
    git(project, "mv", str(old.relative_to(project)), moved)
    up = "." * len(old.parent.relative_to(project).parts)
    text = (project / moved).read_text()
    text = re.sub(rf"^from {re.escape(up)}(?=\w)", "from ..", text, flags=re.MULTILINE)
    (project / moved).write_text(text)


def fill_in_dotenv(project: Path, package: str) -> None:
    """Add settings and secrets of this machine to .env."""
    with (project / ".env").open("a", encoding="utf-8") as file:
        file.write("LOG_LEVEL=DEBUG\nWIDGET_TOKEN='only here'\n")


EDITS = [
    add_a_blueprint,
    delete_the_example,
    change_settings,
    extend_lists,
    write_in_the_readme,
    move_a_file,
    fill_in_dotenv,
]


def placed(project: Path, package: str, name: str) -> Path:
    """The path of a template file in this project's release."""
    old, new = (project / each.format(package=package) for each in (name, MOVED.files[name]))
    return new if new.exists() else old


def page(project: Path, name: str) -> Path:
    """The page in docs/, or the README, which held these sections before 2.0.0."""
    found = project / "docs" / f"{name}.md"
    return found if found.exists() else project / "README.md"


def cut(path: Path, pattern: str) -> None:
    """Delete the text that matches, if there is any."""
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(pattern, "", text, flags=re.DOTALL | re.MULTILINE), encoding="utf-8")


def below(path: Path, mark: str, lines: str, after: str = "") -> None:
    """Add lines directly below the line with the mark, the first one after the text `after`."""
    text = path.read_text(encoding="utf-8")
    end = text.index("\n", text.index(mark, text.index(after))) + 1
    path.write_text(text[:end] + lines + text[end:], encoding="utf-8")


def swap(path: Path, old: str, new: str) -> None:
    """Replace `old`, which must occur exactly once, with `new`."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name}: {old}"
    path.write_text(text.replace(old, new), encoding="utf-8")
