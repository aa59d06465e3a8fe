"""Template files that the project's owner has moved are updated at their new paths."""

from pathlib import Path

import pytest

from tools.render import commit, git
from tools.updates.edits import swap
from tools.updates.projects import answers, newest_script

PACKAGE = "src/my_service"
CHANGE = "Permissions-Policy"  # what the newer release adds to headers.py


def move(project: Path, old: str, new: str) -> None:
    (project / new).parent.mkdir(parents=True, exist_ok=True)
    git(project, "mv", old, new)


def test_module_turned_into_a_package_is_updated(project: Path, releases_to_update: Path) -> None:
    move(project, f"{PACKAGE}/core/middleware/headers.py", f"{PACKAGE}/security/__init__.py")
    moved = project / PACKAGE / "security/__init__.py"
    moved.write_text(moved.read_text().replace("from .", "from .."))
    commit(project, "Make it a package")
    done = newest_script(project, releases_to_update)
    assert done.returncode == 0
    assert CHANGE in moved.read_text()
    assert not (project / PACKAGE / "core/middleware/headers.py").exists()
    assert (
        f"new paths.\n\n- `{PACKAGE}/core/middleware/headers.py`"
        f" is now `{PACKAGE}/security/__init__.py`\n"
    ) in done.stdout


@pytest.mark.full
def test_modules_moved_into_folders_are_updated(project: Path, releases_to_update: Path) -> None:
    move(project, f"{PACKAGE}/core/middleware/headers.py", f"{PACKAGE}/http/security.py")
    move(project, f"{PACKAGE}/settings", f"{PACKAGE}/config")
    commit(project, "Sort")
    assert newest_script(project, releases_to_update).returncode == 0
    assert CHANGE in (project / PACKAGE / "http/security.py").read_text()
    assert "drain_seconds" in (project / PACKAGE / "config/table.py").read_text()
    assert not (project / PACKAGE / "settings").exists()


def test_renamed_package_gets_changes_and_new_modules(
    project: Path, releases_to_update: Path
) -> None:
    move(project, PACKAGE, "src/shop")
    for path in [*(project / "tests").rglob("*.py"), project / "wsgi.py"]:
        path.write_text(path.read_text().replace("my_service", "shop"))
    commit(project, "Rename the package")
    assert newest_script(project, releases_to_update).returncode == 0
    assert CHANGE in (project / "src/shop/core/middleware/headers.py").read_text()
    assert (project / "src/shop/core/middleware/load_shedding.py").exists()
    assert not (project / PACKAGE).exists()


def test_package_and_answer_renamed_in_one_commit_update_without_conflict(
    project: Path, releases_to_update: Path
) -> None:
    edited = project / PACKAGE / "core/middleware/headers.py"
    edited.write_text(edited.read_text().replace('"""', '"""Mine. ', 1))
    commit(project, "Edit")
    move(project, PACKAGE, "src/shop")
    for name in git(project, "ls-files").splitlines():
        path = project / name
        text = path.read_text().replace("my-service", "shop").replace("my_service", "shop")
        path.write_text(text.replace("My Service", "Shop"))
    commit(project, "Rename the service")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stderr) == (0, "")
    text = (project / "src/shop/core/middleware/headers.py").read_text()
    assert CHANGE in text
    assert text.startswith('"""Mine. ')
    assert (project / "src/shop/core/middleware/load_shedding.py").exists()
    assert answers(project)["project_name"] == "shop"


@pytest.mark.full
def test_conflict_in_a_moved_file_is_reported_at_its_new_path(
    project: Path, releases_to_update: Path
) -> None:
    move(project, "pyproject.toml", "config/pyproject.toml")
    swap(project / "config/pyproject.toml", '"webargs>=8.7.1,<9",', '"webargs>=8.7.1",')
    commit(project, "Move and edit")
    done = newest_script(project, releases_to_update)
    assert done.returncode == 3
    assert "- `config/pyproject.toml`\n" in done.stdout


def test_split_file_is_reported_since_git_cannot_follow_it(
    project: Path, releases_to_update: Path
) -> None:
    whole = project / PACKAGE / "core/middleware/headers.py"
    lines = whole.read_text().splitlines(keepends=True)
    for number in range(4):
        part = lines[number * len(lines) // 4 : (number + 1) * len(lines) // 4]
        (project / PACKAGE / f"security_{number}.py").write_text("".join(part))
    whole.unlink()
    commit(project, "Split")
    done = newest_script(project, releases_to_update)
    assert done.returncode == 3
    assert "no longer in this project. If you moved these files" in done.stdout
    assert f"- `{PACKAGE}/core/middleware/headers.py`\n" in done.stdout
