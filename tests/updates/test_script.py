"""A project's own script for updates: it stops before an edit is lost, and tells what changed."""

import shutil
from pathlib import Path

import pytest

from ..releases import clone_template
from ..render import VERSION, commit, git, render
from .older import OLDER, PACKAGE, release, take_back
from .projects import answers, conflicts, script

CHANGELOG = """# Changelog

## [999.0.0] - 2026-12-24

### Added

- Requests are shed.

### Security

- Headers keep a page from using a camera.

## [998.1.0] - 2026-12-12

### Security

- Keys are longer.

## [998.0.0] - 2026-12-01

Everything before.
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases, with a CHANGELOG."""
    template = clone_template(tmp_path_factory.mktemp("template"))
    (template / "CHANGELOG.md").write_text(CHANGELOG)
    commit(template, "Release")
    git(template, "tag", "--force", VERSION)
    release(template, OLDER, take_back)
    return template


@pytest.fixture(scope="module")
def older(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the older release, to copy."""
    return render(template, tmp_path_factory.mktemp("older") / "project", {}, OLDER)


@pytest.fixture
def project(older: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(older, tmp_path / "project", symlinks=True))


def status(project: Path) -> str:
    return git(project, "status", "--porcelain")


def edit(project: Path, name: str, old: str, new: str) -> None:
    """Change a file, and commit."""
    text = (project / name).read_text()
    assert old in text
    (project / name).write_text(text.replace(old, new, 1))
    commit(project, "Edit")


def test_it_updates_and_tells_what_changed_security_first(project: Path) -> None:
    done = script(project)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Security: update the template from v998.0.0 to v999.0.0\n\n"
        "## Security\n\n- Headers keep a page from using a camera.\n- Keys are longer.\n\n"
        "## Added\n\n- Requests are shed.\n"
    )
    assert answers(project)["_commit"] == VERSION
    commit(project, "Update")
    again = script(project)
    assert (again.returncode, again.stdout) == (0, "Nothing to do: this project is at v999.0.0.\n")
    assert status(project) == ""


def test_a_dirty_tree_is_refused(project: Path) -> None:
    (project / "notes.txt").write_text("mine")
    done = script(project)
    assert done.returncode == 1
    assert done.stderr == (
        "There are changes that are not committed: commit or stash them first.\n"
    )
    assert status(project) == "?? notes.txt\n"


def test_it_stops_before_edited_files_would_go_unless_told_to_go_on(project: Path) -> None:
    edit(project, "src/my_service/api_keys.py", '"""', '"""Mine. ')
    done = script(project, "-d", "auth=none")
    assert done.returncode == 1
    assert done.stderr == (
        "These files have edits of yours, and would go:\n  src/my_service/api_keys.py\n"
        "Move what you need into files of your own, or go on with --anyway.\n"
    )
    assert status(project) == ""
    done = script(project, "-d", "auth=none", "--anyway")
    assert done.returncode == 0
    assert done.stdout == "Change auth=none\n"
    assert not (project / "src/my_service/api_keys.py").exists()
    assert (answers(project)["auth"], answers(project)["_commit"]) == ("none", OLDER)


@pytest.mark.full
def test_files_that_nobody_edited_go_without_a_word(project: Path) -> None:
    done = script(project, "-d", "auth=none")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (project / "src/my_service/auth.py").exists()


def test_a_renamed_file_with_edits_stops_it(template: Path, project: Path, tmp_path: Path) -> None:
    def rename(template: Path) -> None:
        git(template, "mv", f"{PACKAGE}/edge.py", f"{PACKAGE}/rim.py")

    renamed = Path(shutil.copytree(template, tmp_path / "template", symlinks=True))
    release(renamed, "v1000.0.0", rename)
    edit(project, ".copier-answers.yml", str(template), str(renamed))
    edit(project, "src/my_service/edge.py", '"""', '"""Mine. ')
    done = script(project)
    assert done.returncode == 1
    assert "  src/my_service/edge.py\n" in done.stderr
    assert status(project) == ""


def test_conflicts_are_listed_by_file_and_fail(project: Path) -> None:
    edit(project, "pyproject.toml", '    "webargs>=8.7.1,<9",\n', '    "webargs>=8.7.1",\n')
    done = script(project)
    assert done.returncode == 3
    assert (
        "Conflicts: choose between the marks in each file, then `git add` it.\n- `pyproject.toml`\n"
    ) in done.stdout
    assert set(conflicts(project)) == {"pyproject.toml"}


def test_what_copier_refuses_is_said_in_its_words(project: Path) -> None:
    done = script(project, "-d", "database=oracle")
    assert done.returncode == 1
    assert done.stderr.startswith("copier: ")
    assert "database" in done.stderr
    assert status(project) == ""


@pytest.mark.full
def test_a_project_in_a_folder_of_a_repository_is_updated(older: Path, tmp_path: Path) -> None:
    shutil.copytree(older, tmp_path / "all" / "service", ignore=shutil.ignore_patterns(".git"))
    git(tmp_path / "all", "init", "-q")
    commit(tmp_path / "all", "Start")
    done = script(tmp_path / "all" / "service")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "all" / "service" / "src" / "my_service" / "shedding.py").exists()


def test_without_answers_it_says_so(project: Path) -> None:
    git(project, "rm", "-q", ".copier-answers.yml")
    commit(project, "Drop the answers")
    done = script(project)
    assert done.returncode == 1
    assert done.stderr == (
        ".copier-answers.yml has no _commit: this project was not made by copier from git.\n"
    )
