"""The commands in docs/adoption.md bring an existing Flask project under the template."""

import re
import sqlite3
import sys
from pathlib import Path

import pytest

from tools.environments import installed
from tools.render import ROOT, commit, git
from tools.updates.edits import MARK, below
from tools.updates.guide import run, variables_for

GUIDE = (ROOT / "docs" / "adoption.md").read_text(encoding="utf-8")
RENDER, REVISION, STAMP, TEST = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)

APP = """from flask import Flask
import sqlite3

app = Flask(__name__)

@app.get("/notes")
def notes():
    return {"notes": [text for text, in sqlite3.connect("old.db").execute("SELECT text FROM notes")]}
"""
MODELS = '''"""Notes as they are stored."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..core.database import TABLE_OPTIONS, Base


class Note(Base):
    """A note."""

    __tablename__ = "notes"
    __table_args__ = (TABLE_OPTIONS,)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
'''
VIEWS = '''"""Notes over HTTP."""

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.api.blueprint import Blueprint
from ..core.database import transactional
from .models import Note

blueprint = Blueprint("notes", __name__, url_prefix="/notes", description="Notes")


class Notes(Schema):
    """All of them."""

    notes = fields.List(fields.String(), required=True)


@blueprint.route("")
@transactional
@blueprint.response(200, Notes())
def list_notes(session: Session) -> dict[str, Any]:
    """List the notes"""
    return {"notes": session.scalars(select(Note.text)).all()}
'''
TESTS = '''"""Notes are listed."""

from flask.testing import FlaskClient


def test_there_are_no_notes_at_first(caller: FlaskClient) -> None:
    assert caller.get("/notes").get_json() == {"notes": []}
'''


def make_old_project(project: Path) -> None:
    """Write a Flask project that predates the template."""
    project.mkdir()
    (project / "app.py").write_text(APP)
    (project / "README.md").write_text("# Notes\n\nAsk Ada for the password.\n")
    (project / ".gitignore").write_text("/secrets/\n*.db\n")
    (project / "requirements.txt").write_text("flask\nclick>=8.1\n")
    with sqlite3.connect(project / "old.db") as database:
        database.execute(
            "CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, text VARCHAR(200) NOT NULL)"
        )
        database.execute("INSERT INTO notes (text) VALUES ('buy milk')")
    git(project, "init", "-q")
    commit(project, "Long ago")


def move_in(project: Path) -> None:
    """Follow the second part of the guide, and restore the lines that it says to restore."""
    package = project / "src/notes_service"
    (package / "notes").mkdir()
    (project / "tests/notes").mkdir()
    (project / "tests/notes/__init__.py").touch()
    (project / "tests/notes/test_notes.py").write_text(TESTS)
    (package / "notes/models.py").write_text(MODELS)
    (package / "notes/views.py").write_text(VIEWS)
    exported = 'from .views import blueprint\n\n__all__ = ["blueprint"]\n'
    (package / "notes/__init__.py").write_text(f'"""Notes."""\n\n{exported}')
    below(package / "__init__.py", "Yours: import", "from . import notes\n")
    below(
        package / "__init__.py", "Yours: register", "    api.register_blueprint(notes.blueprint)\n"
    )
    below(project / "README.md", MARK, "\nAsk Ada for the password.\n")
    below(project / ".gitignore", MARK, "/secrets/\n")
    below(project / "pyproject.toml", MARK, '    "click>=8.1",\n', after="\ndependencies = [")
    dotenv = project / ".env"
    dotenv.write_text(dotenv.read_text().replace("notes_service.db", "old.db"))
    (project / "app.py").unlink()
    (project / "requirements.txt").unlink()


@pytest.fixture
def shell(tmp_path: Path, template: Path) -> dict[str, str]:
    """Environment of the guide's commands. copier comes from the environment of the tests."""
    return variables_for(tmp_path) | {"TEMPLATE": str(template)}


@pytest.mark.full
def test_an_existing_project_is_adopted_with_its_rows(
    tmp_path: Path, shell: dict[str, str]
) -> None:
    project = tmp_path / "project"
    make_old_project(project)
    run(RENDER, project, shell)
    move_in(project)
    commit(project, "Move in")
    with installed(project, f"{sys.version_info.major}.{sys.version_info.minor}") as place:
        run(REVISION, place, shell)
        run(STAMP, place, shell)
        assert run(TEST, place, shell).endswith("Nothing to do: this project is at v999.0.0.\n")
        with sqlite3.connect(place / "old.db") as database:
            assert database.execute("SELECT text FROM notes").fetchall() == [("buy milk",)]
            assert database.execute("SELECT count(*) FROM api_keys").fetchone() == (0,)
