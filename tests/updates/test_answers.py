"""The inputs of an update: changed and invalid answers, new questions, moved template sources."""

import os
import re
from pathlib import Path

import copier
import pytest

from tools.render import commit, git, render
from tools.updates.older import OLDER
from tools.updates.projects import ANSWERS, answers, newest_script, own_script


@pytest.mark.full
def test_new_question_lists_existing_files_and_accepts_an_answer(
    releases_to_update: Path, tmp_path: Path
) -> None:
    first = git(releases_to_update, "tag", "--sort=version:refname").split()[0]
    project = render(releases_to_update, tmp_path / "project", {}, first)
    (project / "Dockerfile").write_text("FROM scratch\n")
    commit(project, "Add a Dockerfile")
    done = newest_script(project, releases_to_update)
    assert done.returncode == 1
    assert "files that already exist:\n  Dockerfile\n" in done.stderr
    done = newest_script(project, releases_to_update, "-d", "deploy=[]")
    assert done.returncode == 0
    assert (project / "Dockerfile").read_text() == "FROM scratch\n"
    assert answers(project)["deploy"] == []
    assert not (project / "compose.yaml").exists()


def test_example_cannot_be_added_by_an_update(releases_to_update: Path, tmp_path: Path) -> None:
    project = render(releases_to_update, tmp_path / "project", {"example": False})
    done = newest_script(project, releases_to_update, "-d", "example=true")
    assert done.returncode == 1
    assert ":\n  src/my_service/experiments\nRender another project with these" in done.stderr
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.full
def test_committed_answer_change_is_not_taken_for_a_manual_edit(
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
def test_invalid_answer_is_reported(
    project: Path, releases_to_update: Path, answer: str, said: str
) -> None:
    done = newest_script(project, releases_to_update, "-d", answer)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert git(project, "status", "--porcelain") == ""


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
def test_template_path_may_be_long_and_contain_spaces(
    releases_to_update: Path, tmp_path: Path
) -> None:
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
def test_answers_file_may_have_another_name(releases_to_update: Path, tmp_path: Path) -> None:
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
def test_repository_of_another_user_is_reported_with_a_remedy(
    project: Path, releases_to_update: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for path in [project, *project.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    (tmp_path / "gitconfig").touch()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    done = newest_script(project, releases_to_update)
    assert done.returncode == 1
    assert "belongs to another user, so git refuses to use it" in done.stderr
    assert f"`git config --global --add safe.directory {project}`" in done.stderr
    git(project, "config", "--global", "--add", "safe.directory", str(project))
    assert newest_script(project, releases_to_update).returncode == 0
