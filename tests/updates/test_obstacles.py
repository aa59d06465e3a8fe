"""An update that would lose something stops, lists the files and leaves the tree untouched."""

import os
import shutil
from pathlib import Path

import pytest

from tools.releases import releases
from tools.render import commit, git, render
from tools.updates.git_settings import hostile_git
from tools.updates.in_the_way import CASES, CHANGED, Case, append, changed, committed_file
from tools.updates.older import OLDER, PACKAGE, release
from tools.updates.projects import newest_script, tree

NEW = "src/my_service/core/middleware/load_shedding.py"  # new to a project of the older release
NEXT = "v1000.0.0"
NOVELTY = "src/my_service/novelty.py"  # new to a project of any release
RELEASES = [item.tag for item in releases()]


@pytest.fixture(scope="module")
def next_template(releases_to_update: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with every release and a newer one, which adds a file and changes another."""

    def change(template: Path) -> None:
        (template / PACKAGE / "novelty.py").write_text('"""New."""\n')
        append(template / PACKAGE / "core/middleware/headers.py", "# Changed\n")

    folder = tmp_path_factory.mktemp("next") / "template"
    shutil.copytree(releases_to_update, folder, symlinks=True)
    release(folder, NEXT, change)
    return folder


def assert_stopped(project: Path, template: Path, said: str, new: str) -> None:
    """Assert that an update stops with this message and changes nothing."""
    before = everything(project)
    done = newest_script(project, template)
    assert (done.returncode, done.stdout) == (1, "")
    assert said.replace("NEW", new).replace("PACKAGE", new.removesuffix(".py")) in done.stderr
    assert everything(project) == before


IDS = [case.__name__ for case, _ in CASES]


@pytest.mark.parametrize(("case", "said"), CASES, ids=IDS)
def test_obstacle_stops_the_update(
    project: Path, releases_to_update: Path, case: Case, said: str
) -> None:
    case(project, NEW)
    assert_stopped(project, releases_to_update, said.replace("CHANGED", CHANGED), NEW)


@pytest.mark.full
@pytest.mark.parametrize("version", RELEASES)
@pytest.mark.parametrize(("case", "said"), CASES, ids=IDS)
def test_obstacle_stops_the_update_under_hostile_git_settings(
    next_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: Case,
    said: str,
    version: str,
) -> None:
    project = render(next_template, tmp_path / "project", {}, version)
    said = said.replace("CHANGED", changed(project))
    case(project, NOVELTY)
    (tmp_path / "user").mkdir()
    with hostile_git(tmp_path / "user", monkeypatch):
        assert_stopped(project, next_template, said, NOVELTY)


def everything(project: Path) -> dict[str, bytes | str]:
    """The content of every file, including files that git ignores or does not track."""
    found: dict[str, bytes | str] = {}
    for folder, _, names in os.walk(project):
        for path in (Path(folder, name) for name in names):
            if ".git" not in path.relative_to(project).parts:
                found[str(path)] = os.readlink(path) if path.is_symlink() else path.read_bytes()
    return found


@pytest.mark.full
def test_file_in_place_of_a_folder_stops_the_update(
    releases_to_update: Path, tmp_path: Path
) -> None:
    first = git(releases_to_update, "tag", "--sort=version:refname").split()[0]
    project = render(releases_to_update, tmp_path / "project", {}, first)
    append(project / ".git/info/exclude", "doctor\n")
    (project / "src/my_service/doctor").write_text("mine\n")
    done = newest_script(project, releases_to_update)
    assert done.returncode == 1
    assert "git does not track:\n  src/my_service/doctor\nMove or commit them" in done.stderr


@pytest.mark.full
def test_other_untracked_files_do_not_matter(project: Path, releases_to_update: Path) -> None:
    (project / "notes.txt").write_text("mine\n")
    append(project / ".git/info/exclude", "logs\n")
    (project / "logs").mkdir()
    for number in range(40_000):
        (project / "logs" / f"a-log-with-quite-a-long-name-{number}.txt").touch()
    done = newest_script(project, releases_to_update)
    assert done.returncode == 0
    assert (project / "notes.txt").read_text() == "mine\n"


def test_text_in_another_encoding_is_kept(project: Path, releases_to_update: Path) -> None:
    text = (project / CHANGED).read_bytes() + "# Käse\n".encode("latin-1")
    (project / CHANGED).write_bytes(text)
    commit(project, "Add cheese")
    assert newest_script(project, releases_to_update).returncode == 0
    assert (project / CHANGED).read_bytes().endswith("# Käse\n".encode("latin-1"))
    assert len(tree(project)[CHANGED][0]) > len(text)


def test_deleted_file_stays_deleted_and_is_reported(
    project: Path, releases_to_update: Path
) -> None:
    git(project, "rm", "-q", CHANGED)
    commit(project, "Delete")
    done = newest_script(project, releases_to_update)
    assert done.returncode == 3
    assert f"if you deleted them, there is nothing to do.\n\n- `{CHANGED}`\n" in done.stdout
    assert not (project / CHANGED).exists()


def test_untracked_file_is_kept_when_the_template_drops_it(
    releases_to_update: Path, tmp_path: Path
) -> None:
    project = render(releases_to_update, tmp_path / "project", {}, OLDER)
    git(project, "rm", "-q", "--cached", "compose.yaml")
    append(project / ".git/info/exclude", "compose.yaml\n")
    commit(project, "Keep compose.yaml to myself")
    mine = (project / "compose.yaml").read_bytes() + b"# Mine\n"
    (project / "compose.yaml").write_bytes(mine)
    newest_script(project, releases_to_update, "-d", "deploy=[]")
    assert (project / "compose.yaml").read_bytes() == mine


def test_colliding_file_is_merged_with_anyway(project: Path, releases_to_update: Path) -> None:
    committed_file(project, NEW)
    done = newest_script(project, releases_to_update, "--anyway")
    assert done.returncode == 3
    assert f"- `{NEW}`\n" in done.stdout
    assert '"""Mine."""\n' in (project / NEW).read_text()
    assert f"AA {NEW}" in git(project, "status", "--porcelain")
