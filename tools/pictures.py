"""The pictures in `docs/pictures`: recordings of commands, and the API page in a browser."""

import secrets
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from .browser import api_page
from .environments import installed
from .matrix.questions import answers
from .matrix.rendered import rendered
from .matrix.variants import rows
from .project import INHERITED, must, serving, uv
from .recording import Command, Line, draw, record
from .render import GIT_ENVIRONMENT, ROOT, commit, render
from .updates.older import OLDER, two_releases

FOLDER = ROOT / "docs" / "pictures"

VARIABLES = INHERITED | GIT_ENVIRONMENT
FAULTY_DEPLOYMENT = {
    "APP_ENV": "production",
    "DATABASE_URL": "sqlite:///service.db",
    "WEB_CONCURRENCY": "1",
    "TRUSTED_HOSTS": "api.example.com",
    "CORS_ORIGINS": "http://app.example.com",
}


def demo(_: Path) -> str:
    """Record the demo."""
    command = Command("nox -s demo -- --once", [sys.executable, "-m", "tools.demo", "--once"])
    lines = record([command], ROOT, VARIABLES)
    uvx = str(Path(uv()).with_name("uvx"))
    return draw("nox -s demo", renamed(lines, {uvx: "uvx", str(ROOT): "TEMPLATE"}))


def doctor(_: Path) -> str:
    """Record the doctor on a deployment with faults."""
    with installed(rendered(answers(rows()["default"])), "3.13") as project:
        must(project, "uv", "sync", "--quiet")
        (project / ".env").chmod(0o600)
        variables = FAULTY_DEPLOYMENT | {"SECRET_KEY": secrets.token_hex(32)}
        arguments = [project / ".venv/bin/flask", "doctor", "--deploy"]
        command = Command("uv run flask doctor --deploy", [str(each) for each in arguments], 1)
        return draw("flask doctor", list(record([command], project, VARIABLES | variables)))


def update(folder: Path) -> str:
    """Record an update of a project with an edit that conflicts."""
    template = two_releases(folder)
    project = render(template, folder / "my-service", {}, OLDER)
    file = project / "pyproject.toml"
    dependency = '    "webargs>=8.7.1,<9",\n'
    assert dependency in file.read_text()
    file.write_text(file.read_text().replace(dependency, '    "webargs>=8.7.1",\n'))
    commit(project, "Allow newer releases of webargs")
    commands = [
        Command("uv run scripts/update.py", [uv(), "run", "scripts/update.py"], code=3),
        Command("git diff pyproject.toml", ["git", "--no-pager", "diff", "pyproject.toml"]),
    ]
    lines = record(commands, project, VARIABLES)
    return draw("scripts/update.py", renamed(lines, {str(template): "TEMPLATE"}))


def renamed(lines: Iterable[Line], names: dict[str, str]) -> list[Line]:
    """The lines with other names for places on this machine."""
    found = []
    for line in lines:
        text = line.text
        for old, new in names.items():
            text = text.replace(old, new)
        found.append(Line(line.seconds, text))
    return found


RECORDINGS: dict[str, Callable[[Path], str]] = {"demo": demo, "doctor": doctor, "update": update}


def picture_api_page(folder: Path, file: Path) -> None:
    """Take a picture of the API page with an operation opened."""
    with installed(rendered(answers(rows()["default"])), "3.13") as project:
        must(project, "uv", "sync", "--quiet")
        must(project, "flask", "db", "upgrade")
        with serving(project, folder / "serve.log") as service, api_page(service.url) as page:
            page.open("experiments-create_experiment")
            page.page.locator("#operations-tag-experiments").evaluate("tag => tag.scrollIntoView()")
            page.page.screenshot(path=file)


def main() -> None:
    """Regenerate the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, recorded in RECORDINGS.items():
        with tempfile.TemporaryDirectory(prefix="picture-") as folder:
            (FOLDER / f"{name}.svg").write_text(recorded(Path(folder)), encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="picture-") as folder:
        picture_api_page(Path(folder), FOLDER / "api-page.png")


if __name__ == "__main__":
    main()
