"""CI's weekly update proposals: the jobs' own scripts on real repositories, without a forge."""

import json
from pathlib import Path

import pytest

from tools.render import VERSION, commit, git, render
from tools.updates.edits import swap
from tools.updates.forge import Forge
from tools.updates.older import OLDER
from tools.updates.projects import newest_script

BRANCH = "template-update"
TITLE = f"Update the template from {OLDER} to {VERSION}"


@pytest.fixture(scope="module", params=["github", pytest.param("gitlab", marks=pytest.mark.full)])
def older(
    request: pytest.FixtureRequest,
    releases_to_update: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A project rendered from the older release, for each forge."""
    folder = tmp_path_factory.mktemp(request.param)
    return render(releases_to_update, folder / "project", {"ci": request.param}, OLDER)


@pytest.fixture
def forge(older: Path, tmp_path: Path) -> Forge:
    return Forge(older, tmp_path)


def branch(forge: Forge) -> str:
    """The commit at the tip of the branch, or an empty string if there is no branch."""
    found = git(forge.remote, "for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")
    return found.strip()


def test_tested_update_is_proposed(forge: Forge) -> None:
    forge.sessions('[ -z "$GH_TOKEN$UPDATE_TOKEN" ] || exit 1; touch left-behind')
    assert forge.run_jobs() == 0
    message = git(forge.remote, "show", "--no-patch", "--format=%B", BRANCH)
    assert message.startswith(TITLE)
    assert "`uvx nox` passes." in message
    assert TITLE in forge.asked()
    assert "raft" not in forge.asked()
    changed = git(forge.remote, "show", "--stat", BRANCH)
    assert "load_shedding.py" in changed
    assert "left-behind" not in changed
    assert git(forge.remote, "rev-list", "--count", f"main..{BRANCH}").strip() == "1"


@pytest.mark.full
def test_nothing_is_proposed_without_a_new_release(forge: Forge, releases_to_update: Path) -> None:
    newest_script(forge.project, releases_to_update)
    commit(forge.project, "Update")
    assert forge.run_jobs() == 0
    assert forge.asked() == ""
    assert branch(forge) == ""


@pytest.mark.full
def test_same_update_is_not_pushed_again(forge: Forge) -> None:
    assert forge.run_jobs() == 0
    first = branch(forge)
    assert forge.run_jobs() == 0
    assert branch(forge) == first


def test_commits_by_a_person_are_not_overwritten(forge: Forge) -> None:
    assert forge.run_jobs() == 0
    anns = forge.folder / "ann"
    git(forge.folder, "clone", "--quiet", f"--branch={BRANCH}", str(forge.remote), str(anns))
    (anns / "README.md").write_text("Ann's\n")
    commit(anns, "Resolve")
    git(anns, "push", "--quiet")
    hers = branch(forge)
    (forge.project / "notes.txt").write_text("main goes on\n")
    commit(forge.project, "Go on")
    assert forge.run_jobs() == 0
    assert branch(forge) == hers
    assert forge.asked() == ""


@pytest.mark.full
def test_update_branch_is_rebuilt_on_the_main_branch(forge: Forge) -> None:
    assert forge.run_jobs() == 0
    first = branch(forge)
    (forge.project / "notes.txt").write_text("main goes on\n")
    commit(forge.project, "Go on")
    assert forge.run_jobs() == 0
    assert branch(forge) != first
    parent = git(forge.remote, "rev-parse", f"{BRANCH}^", "main").split()
    assert parent[0] == parent[1]


def test_conflicts_are_proposed_as_a_draft(forge: Forge) -> None:
    swap(forge.project / "pyproject.toml", '    "webargs>=8.7.1,<9",\n', '    "webargs>=8.7.1",\n')
    commit(forge.project, "Edit")
    forge.sessions("echo must not run; exit 1")
    assert forge.run_jobs() == 3
    assert "Conflicts: update the template" in forge.asked()
    assert "raft" in forge.asked()
    body = (forge.proposal / "body.md").read_text()
    assert "- `pyproject.toml`\n" in body
    assert "The tests were not run." in body
    assert "<<<<<<< yours" in git(forge.remote, "show", f"{BRANCH}:pyproject.toml")


@pytest.mark.full
def test_failing_tests_are_proposed_as_a_draft(forge: Forge) -> None:
    forge.sessions("echo the third test failed; exit 1")
    assert forge.run_jobs() == 3
    assert TITLE in forge.asked()
    assert "raft" in forge.asked()
    assert "the third test failed" in (forge.proposal / "body.md").read_text()


@pytest.mark.full
def test_stopped_update_is_not_proposed(forge: Forge) -> None:
    package = forge.project / "src/my_service/core/middleware/load_shedding"
    package.mkdir()
    (package / "__init__.py").touch()
    commit(forge.project, "Add a package of the same name")
    assert forge.run_jobs() == 1
    assert forge.asked() == ""
    assert branch(forge) == ""


@pytest.mark.full
def test_pull_request_from_a_fork_is_not_edited(forge: Forge) -> None:
    if not (forge.project / ".github").exists():
        pytest.skip("GitLab finds the merge request by its branch")
    forks = {"number": 7, "isCrossRepository": True}
    forge.requests.write_text(json.dumps([forks]))
    assert forge.run_jobs() == 0
    assert forge.asked().splitlines()[:2] == ["pr", "create"]
    forge.requests.write_text(json.dumps([forks, {"number": 8, "isCrossRepository": False}]))
    assert forge.run_jobs() == 0
    assert forge.asked().splitlines()[:3] == ["pr", "edit", "8"]
