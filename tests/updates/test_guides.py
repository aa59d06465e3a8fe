"""The commands in docs/update.md leave a clean tree, and a colleague's clone is complete."""

import re
import shutil
from pathlib import Path

import pytest

from tools.releases import releases
from tools.render import ROOT, VERSION, commit, git, render
from tools.updates.guide import run, variables_for
from tools.updates.older import OLDER, PACKAGE, release
from tools.updates.projects import ANSWERS, answers, newest_script, tree

GUIDE = (ROOT / "docs" / "update.md").read_text(encoding="utf-8")
UPDATE, NEWEST, ANSWER = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
COMMIT = UPDATE.splitlines()[-1]
NEXT = "v1000.0.0"
RELEASES = [item.tag for item in releases()]
PAST = [
    pytest.param(tag, marks=[] if tag == RELEASES[0] else [pytest.mark.full]) for tag in RELEASES
]


def change(template: Path) -> None:
    """Turn the template into a release that adds, moves and deletes files."""
    package = template / PACKAGE
    (package / "novelty.py").write_text('"""New."""\n')
    git(template, "mv", f"{PACKAGE}/core/middleware/request_log.py", f"{PACKAGE}/rim.py")
    (template / "template/tests/core/database/test_parallel.py").unlink()


@pytest.fixture(scope="module")
def template(releases_to_update: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with every release and a newer one."""
    folder = tmp_path_factory.mktemp("guides") / "template"
    shutil.copytree(releases_to_update, folder, symlinks=True)
    release(folder, NEXT, change)
    return folder


@pytest.fixture
def shell(tmp_path: Path, template: Path) -> dict[str, str]:
    """Environment of the guide's commands, with the real uv.

    `uvx` does nothing: `uvx nox` takes minutes and is tested elsewhere.
    """
    return variables_for(tmp_path, uvx="exit 0") | {"TEMPLATE": str(template)}


def is_whole(project: Path, folder: Path) -> bool:
    """Whether nothing is left to commit and a colleague's clone has every file."""
    git(folder, "clone", "--quiet", str(project), "colleague")
    files = {name: content for name, content in tree(project).items() if name != ".env"}
    return git(project, "status", "--porcelain") == "" and tree(folder / "colleague") == files


def test_three_commands_update_and_commit_everything(
    template: Path, tmp_path: Path, shell: dict[str, str]
) -> None:
    project = render(template, tmp_path / "project", {}, OLDER)
    run(UPDATE, project, shell)
    assert answers(project)["_commit"] == NEXT
    assert is_whole(project, tmp_path)
    names = tree(project).keys()
    assert {"src/my_service/novelty.py", "src/my_service/rim.py"} <= names
    assert (
        not {
            "src/my_service/core/middleware/request_log.py",
            "tests/core/database/test_parallel.py",
        }
        & names
    )
    assert run(UPDATE.splitlines()[0], project, shell).startswith("Nothing to do")


@pytest.mark.parametrize("version", PAST)
def test_old_project_runs_the_newest_script(
    template: Path, tmp_path: Path, shell: dict[str, str], version: str
) -> None:
    project = render(template, tmp_path / "project", {}, version)
    run(f"{NEWEST}{COMMIT}\n", project, shell)
    assert answers(project)["_commit"] == NEXT
    assert answers(project)["_src_path"] == str(template)
    assert is_whole(project, tmp_path)
    assert run(UPDATE.splitlines()[0], project, shell).startswith("Nothing to do")


@pytest.mark.full
def test_documented_command_changes_an_answer(
    template: Path, tmp_path: Path, shell: dict[str, str]
) -> None:
    project = render(template, tmp_path / "project", {}, NEXT)
    run(f"{ANSWER}{COMMIT}\n", project, shell)
    assert answers(project)["database"] == "postgresql"
    assert is_whole(project, tmp_path)


def test_documented_command_undoes_an_update(template: Path, tmp_path: Path) -> None:
    assert "`git reset --hard`" in GUIDE
    project = render(template, tmp_path / "project", {}, OLDER)
    before = tree(project)
    assert newest_script(project, template).returncode == 0
    git(project, "reset", "--quiet", "--hard")
    assert git(project, "status", "--porcelain") == ""
    assert tree(project) == before


@pytest.mark.full
def test_update_from_a_fork_a_release_candidate_or_without_tags(
    template: Path, tmp_path: Path
) -> None:
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "--quiet", str(template), str(fork))
    git(fork, "tag", "v1001.0.0rc1", NEXT)
    project = render(template, tmp_path / "project", {}, VERSION)
    text = (project / ANSWERS).read_text()
    (project / ANSWERS).write_text(text.replace(str(template), str(fork)))
    commit(project, "Move to a fork")
    assert newest_script(project, fork, "--vcs-ref", "v1001.0.0rc1").returncode == 0
    assert answers(project)["_src_path"] == str(fork)
    commit(project, "Update")
    for tag in git(fork, "tag").split():
        git(fork, "tag", "--delete", tag)
    untagged = render(fork, tmp_path / "untagged", {}, "HEAD")
    (fork / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n### Security\n\n- Hush.\n"
    )
    with (fork / PACKAGE / "core/middleware/request_log.py").open("a") as file:
        file.write("# Changed\n")
    commit(fork, "Go on")
    done = newest_script(untagged, fork)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Security: update the template from ")
    assert "- Hush." in done.stdout
    assert newest_script(untagged, fork).returncode == 1  # not committed yet
    commit(untagged, "Update")
    assert newest_script(untagged, fork).stdout.startswith("Nothing to do")
