"""What would lose something stops an update: it names the files, and leaves the tree untouched."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ..render import commit, git, render
from .older import OLDER
from .projects import ANSWERS, newest_script, tree

NEW = "src/my_service/shedding.py"
CHANGED = "src/my_service/security.py"


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def untracked_file(project: Path) -> None:
    (project / NEW).write_text("mine\n")


def ignored_file(project: Path) -> None:
    append(project / ".git/info/exclude", "shedding.py\n")
    (project / NEW).write_text("mine\n")


def ignored_link(project: Path) -> None:
    append(project / ".git/info/exclude", "shedding.py\n")
    (project / NEW).symlink_to("/nowhere")


def skipped_file(project: Path) -> None:
    git(project, "update-index", "--skip-worktree", CHANGED)
    append(project / CHANGED, "# Mine\n")


def file_assumed_unchanged(project: Path) -> None:
    git(project, "update-index", "--assume-unchanged", CHANGED)
    append(project / CHANGED, "# Mine\n")


def sparse_checkout(project: Path) -> None:
    git(project, "status")  # the files were copied; git looks at them anew
    git(project, "sparse-checkout", "set", "--no-cone", "/*", "!/src/my_service/security.py")


def package_of_the_same_name(project: Path) -> None:
    (project / "src/my_service/shedding").mkdir()
    (project / "src/my_service/shedding/__init__.py").write_text('"""Mine."""\n')
    commit(project, "Add a package")


def committed_file(project: Path) -> None:
    (project / NEW).write_text('"""Mine."""\n')
    commit(project, "Add a module")


def answers_by_hand(project: Path) -> None:
    text = (project / ANSWERS).read_text()
    (project / ANSWERS).write_text(text.replace("database: sqlite", "database: postgresql"))
    commit(project, "Change the database")


def marks_in_the_answers(project: Path) -> None:
    append(project / ANSWERS, "<<<<<<< HEAD\n=======\n>>>>>>> other\n")
    commit(project, "Merge")


def answers_that_are_no_yaml(project: Path) -> None:
    append(project / ANSWERS, "} {\n")
    commit(project, "Slip")


def no_answers(project: Path) -> None:
    git(project, "rm", "-q", ANSWERS)
    commit(project, "Delete the answers")


def no_commit(project: Path) -> None:
    shutil.rmtree(project / ".git")
    git(project, "init", "-q")


def no_repository(project: Path) -> None:
    shutil.rmtree(project / ".git")


Case = Callable[[Path], None]
CASES: list[tuple[Case, str]] = [
    (untracked_file, f"The update would write over files that git does not track:\n  {NEW}\n"),
    (ignored_file, f"The update would write over files that git does not track:\n  {NEW}\n"),
    (ignored_link, f"The update would write over files that git does not track:\n  {NEW}\n"),
    (skipped_file, f"--assume-unchanged):\n  {CHANGED}\n"),
    (file_assumed_unchanged, f"--assume-unchanged):\n  {CHANGED}\n"),
    (sparse_checkout, f"--assume-unchanged):\n  {CHANGED}\n"),
    (package_of_the_same_name, "  src/my_service/shedding.py and src/my_service/shedding/\n"),
    (committed_file, f"The update brings files that you have already:\n  {NEW}\n"),
    (answers_by_hand, "database was changed in .copier-answers.yml by hand (commit "),
    (marks_in_the_answers, ".copier-answers.yml has conflict marks: resolve them and commit."),
    (answers_that_are_no_yaml, ".copier-answers.yml is not YAML"),
    (no_answers, ".copier-answers.yml is missing: this project was not made by copier."),
    (no_commit, "Nothing has been committed yet: `git add -A && git commit`."),
    (no_repository, "is not in a git repository: `git init && git add -A && git commit`"),
]


@pytest.mark.parametrize(("case", "said"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_update_stops(project: Path, releases_to_update: Path, case: Case, said: str) -> None:
    case(project)
    before = everything(project)
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert everything(project) == before


def everything(project: Path) -> dict[str, bytes | str]:
    """Each file, whatever git thinks of it."""
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
    assert "git does not track:\n  src/my_service/doctor\nMove them" in done.stderr


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


def test_deleted_file_stays_deleted_and_is_named(project: Path, releases_to_update: Path) -> None:
    git(project, "rm", "-q", CHANGED)
    commit(project, "Delete")
    done = newest_script(project, releases_to_update)
    assert done.returncode == 3
    assert f"if you deleted them, there is nothing to do.\n\n- `{CHANGED}`\n" in done.stdout
    assert not (project / CHANGED).exists()


def test_untracked_file_that_the_template_drops_is_left(
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


def test_collision_is_merged_when_asked_for(project: Path, releases_to_update: Path) -> None:
    committed_file(project)
    done = newest_script(project, releases_to_update, "--anyway")
    assert done.returncode == 3
    assert f"- `{NEW}`\n" in done.stdout
    assert '"""Mine."""\n' in (project / NEW).read_text()
    assert f"AA {NEW}" in git(project, "status", "--porcelain")
