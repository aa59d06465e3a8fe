"""What would lose something stops an update: it names the files, and leaves the tree untouched."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import copier
import pytest

from ..render import commit, git, render
from .older import OLDER
from .projects import ANSWERS, answers, newest_script, own_script, tree

NEW = "src/my_service/shedding.py"
CHANGED = "src/my_service/security.py"


@pytest.fixture(scope="module")
def rendered(releases_to_update: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the older release, to copy."""
    return render(releases_to_update, tmp_path_factory.mktemp("stopped") / "project", {}, OLDER)


@pytest.fixture
def project(rendered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rendered, tmp_path / "project", symlinks=True))


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


def test_collision_is_merged_when_asked_for(project: Path, releases_to_update: Path) -> None:
    committed_file(project)
    done = newest_script(project, releases_to_update, "--anyway")
    assert done.returncode == 3
    assert f"- `{NEW}`\n" in done.stdout
    assert '"""Mine."""\n' in (project / NEW).read_text()
    assert f"AA {NEW}" in git(project, "status", "--porcelain")


@pytest.mark.full
def test_new_question_names_what_collides_and_takes_an_answer(
    releases_to_update: Path, tmp_path: Path
) -> None:
    first = git(releases_to_update, "tag", "--sort=version:refname").split()[0]
    project = render(releases_to_update, tmp_path / "project", {}, first)
    (project / "Dockerfile").write_text("FROM scratch\n")
    commit(project, "Add a Dockerfile")
    done = newest_script(project, releases_to_update)
    assert done.returncode == 1
    assert "files that you have already:\n  Dockerfile\n" in done.stderr
    done = newest_script(project, releases_to_update, "-d", "deploy=[]")
    assert done.returncode == 0
    assert (project / "Dockerfile").read_text() == "FROM scratch\n"
    assert answers(project)["deploy"] == []
    assert not (project / "compose.yaml").exists()


def test_example_is_not_brought_by_an_answer(releases_to_update: Path, tmp_path: Path) -> None:
    project = render(releases_to_update, tmp_path / "project", {"example": False})
    done = newest_script(project, releases_to_update, "-d", "example=true")
    assert done.returncode == 1
    assert ":\n  src/my_service/experiments\nRender a project with these" in done.stderr
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.full
def test_changed_answer_with_its_files_is_no_edit_by_hand(
    project: Path, releases_to_update: Path
) -> None:
    assert newest_script(project, releases_to_update, "-d", "database=postgresql").returncode == 0
    commit(project, "Change the database")
    assert newest_script(project, releases_to_update).returncode == 0
    assert answers(project)["database"] == "postgresql"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("databse=postgresql", "The template has no question databse: did you mean database?\n"),
        ("database=oracle", "copier: "),
        ("rate_limit=never", "copier: "),
    ],
)
def test_misspelt_answer_is_named(
    project: Path, releases_to_update: Path, answer: str, said: str
) -> None:
    done = newest_script(project, releases_to_update, "-d", answer)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert git(project, "status", "--porcelain") == ""


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


@pytest.mark.full
def test_project_past_the_newest_release_has_nothing_to_do(
    releases_to_update: Path, tmp_path: Path
) -> None:
    ahead = tmp_path / "template"
    git(tmp_path, "clone", "--quiet", str(releases_to_update), str(ahead))
    git(ahead, "commit", "--quiet", "--allow-empty", "--message=Go on")
    project = render(ahead, tmp_path / "project", {}, "HEAD")
    done = newest_script(project, ahead)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Nothing to do: this project is at v999.0.0-1-g")


@pytest.mark.full
def test_long_path_with_spaces_as_source(releases_to_update: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a folder of templates with a name of some length" / "and one more below it"
    folder.mkdir(parents=True)
    git(folder, "clone", "--quiet", str(releases_to_update), "the template")
    project = render(folder / "the template", tmp_path / "my project", {}, OLDER)
    source = re.search(r"^_src_path: .*\n +\S", (project / ANSWERS).read_text(), re.MULTILINE)
    assert source, "copier no longer folds a long path"
    done = own_script(project)
    assert done.returncode == 0, done.stderr
    assert answers(project)["_src_path"] == str(folder / "the template")


@pytest.mark.full
def test_another_answers_file(releases_to_update: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    copier.run_copy(
        str(releases_to_update),
        project,
        answers_file=".answers.yml",
        vcs_ref=OLDER,
        defaults=True,
        quiet=True,
    )
    git(project, "init", "-q")
    commit(project, "Render")
    assert ".copier-answers.yml is missing" in newest_script(project, releases_to_update).stderr
    assert newest_script(project, releases_to_update, "-a", ".answers.yml").returncode == 0
    assert "_commit: v999.0.0" in (project / ".answers.yml").read_text()


@pytest.mark.full
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_repository_of_another_user_is_named_with_a_remedy(
    project: Path, releases_to_update: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in [project, *project.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    (tmp_path / "gitconfig").touch()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    done = newest_script(project, releases_to_update)
    assert done.returncode == 1
    assert "belongs to another user, and git does not run there" in done.stderr
    assert f"`git config --global --add safe.directory {project}`" in done.stderr
    git(project, "config", "--global", "--add", "safe.directory", str(project))
    assert newest_script(project, releases_to_update).returncode == 0
