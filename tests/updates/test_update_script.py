"""The update script updates a project, reports what changed and stops before losing anything."""

import io
import shutil
import subprocess
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from tools.project import uv
from tools.releases import clone_template
from tools.render import VERSION, commit, git, render
from tools.updates.older import OLDER, PACKAGE, release, take_back
from tools.updates.projects import answers, conflicts, newest_script, own_script
from updating.progress import step

CHANGELOG = """# Changelog

## [999.0.0] - 2026-12-24

### Added

- Requests are shed.

### Security

- Headers keep a page from using a camera.

### By hand

- For an image, run `uvx nox -s requirements`.

## [998.1.0] - 2026-12-12

### By hand

- For an image, run `uvx nox -s requirements`.
- Make new keys.

### Security

- Keys are longer.

## [998.0.0] - 2026-12-01

Everything before.
"""
BEFORE = """# Changelog

## [998.0.0] - 2026-12-01

Everything before, told in other words by the releases after it.
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with two releases and a CHANGELOG."""
    template = clone_template(tmp_path_factory.mktemp("template"))
    (template / "CHANGELOG.md").write_text(CHANGELOG)
    commit(template, "Release")
    git(template, "tag", "--force", VERSION)

    def change(template: Path) -> None:
        take_back(template)
        (template / "CHANGELOG.md").write_text(BEFORE)

    release(template, OLDER, change)
    return template


@pytest.fixture(scope="module")
def older(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project rendered from the older release, for tests to copy."""
    return render(template, tmp_path_factory.mktemp("older") / "project", {}, OLDER)


@pytest.fixture
def project(older: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(older, tmp_path / "project", symlinks=True))


def status(project: Path) -> str:
    return git(project, "status", "--porcelain")


def edit(project: Path, name: str, old: str, new: str) -> None:
    """Replace text in a file, and commit."""
    text = (project / name).read_text()
    assert old in text
    (project / name).write_text(text.replace(old, new, 1))
    commit(project, "Edit")


def test_update_reports_what_changed_with_security_first(project: Path) -> None:
    done = own_script(project)
    assert done.returncode == 0
    assert done.stderr.startswith("Running update.py of ")
    assert done.stdout == (
        "Security: update the template from v998.0.0 to v999.0.0\n\n"
        "## Security\n\n- Headers keep a page from using a camera.\n- Keys are longer.\n\n"
        "## By hand\n\n- For an image, run `uvx nox -s requirements`.\n- Make new keys.\n\n"
        "## Added\n\n- Requests are shed.\n"
    )
    assert answers(project)["_commit"] == VERSION
    git(project, "commit", "--quiet", "--all", "--message=Update")
    assert status(project) == ""
    again = own_script(project)
    assert (again.returncode, again.stdout) == (0, "Nothing to do: this project is at v999.0.0.\n")
    assert status(project) == ""


def test_project_script_runs_the_newest_script_with_uv(project: Path) -> None:
    command = [uv(), "run", "--quiet", "scripts/update.py", "-d", "log_level=DEBUG"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "Change log_level=DEBUG\n")


def test_all_changes_are_staged(project: Path, template: Path) -> None:
    assert newest_script(project, template).returncode == 0
    assert not [line for line in status(project).splitlines() if line[1] != " "]
    assert "A  src/my_service/core/middleware/load_shedding.py" in status(project)


def test_uncommitted_changes_stop_the_update(project: Path, template: Path) -> None:
    (project / "README.md").write_text("mine")
    done = newest_script(project, template)
    assert (done.returncode, done.stderr) == (
        1,
        "There are uncommitted changes: commit or stash them first.\n",
    )
    assert status(project) == " M README.md\n"


def test_update_stops_before_deleting_edited_files(project: Path, template: Path) -> None:
    edit(project, "src/my_service/core/auth/api_keys.py", '"""', '"""Mine. ')
    done = newest_script(project, template, "-d", "auth=none")
    assert done.returncode == 1
    assert done.stderr == (
        "The update would delete files that you have edited or moved:\n"
        "  src/my_service/core/auth/api_keys.py\n"
        "Move what you need into your own files, or continue with --anyway.\n"
    )
    assert status(project) == ""
    done = newest_script(project, template, "-d", "auth=none", "--anyway")
    assert (done.returncode, done.stdout) == (0, "Change auth=none\n")
    assert not (project / "src/my_service/core/auth/api_keys.py").exists()
    assert (answers(project)["auth"], answers(project)["_commit"]) == ("none", OLDER)


def test_unedited_files_are_deleted_silently(project: Path, template: Path) -> None:
    done = newest_script(project, template, "-d", "auth=none")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (project / "src/my_service/core/auth/bearer.py").exists()


def test_edits_follow_a_file_that_the_template_renames(
    template: Path, project: Path, tmp_path: Path
) -> None:
    def rename(template: Path) -> None:
        git(template, "mv", f"{PACKAGE}/core/middleware/request_log.py", f"{PACKAGE}/rim.py")

    renamed = Path(shutil.copytree(template, tmp_path / "template", symlinks=True))
    release(renamed, "v1000.0.0", rename)
    edit(project, "src/my_service/core/middleware/request_log.py", '"""', '"""Mine. ')
    done = newest_script(project, renamed)
    assert done.returncode == 0
    assert (project / "src/my_service/rim.py").read_text().startswith('"""Mine. ')
    assert not (project / "src/my_service/core/middleware/request_log.py").exists()


class Terminal(io.StringIO):
    """A terminal, as far as programs can tell."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal(), "Merging ...\n"), (io.StringIO(), "")])
def test_steps_are_shown_on_a_terminal_only(stream: io.StringIO, shown: str) -> None:
    with redirect_stderr(stream):
        step("Merging")
    assert stream.getvalue() == shown


def test_conflicts_are_listed_and_stay_unmerged(project: Path, template: Path) -> None:
    edit(project, "pyproject.toml", '    "webargs>=8.7.1,<9",\n', '    "webargs>=8.7.1",\n')
    done = newest_script(project, template)
    assert done.returncode == 3
    assert (
        "Conflicts: resolve the conflict markers in each file, then `git add` it.\n\n"
        "- `pyproject.toml`\n"
    ) in done.stdout
    assert conflicts(project) == ["pyproject.toml"]
    assert "UU pyproject.toml" in status(project)


def test_project_in_a_subfolder_of_a_repository_is_updated(
    older: Path, template: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "all of it"
    shutil.copytree(older, whole / "a service", ignore=shutil.ignore_patterns(".git"))
    (whole / "other.txt").write_text("committed")
    git(whole, "init", "-q")
    commit(whole, "Start")
    (whole / "other.txt").write_text("not committed: of no concern")
    done = newest_script(whole / "a service", template)
    assert (done.returncode, done.stderr) == (0, "")
    assert (whole / "a service/src/my_service/core/middleware/load_shedding.py").exists()
    assert status(whole).splitlines()[-1] == " M other.txt"
    assert {path.name for path in whole.iterdir()} == {".git", "a service", "other.txt"}
