"""What CI proposes every week, without a forge: its job's own lines run, on real repositories."""

from pathlib import Path

import pytest

from ..render import VERSION, commit, git, render
from .edits import swap
from .forge import Forge
from .older import OLDER
from .projects import update

BRANCH = "template-update"
TITLE = f"Update the template from {OLDER} to {VERSION}"


@pytest.fixture(scope="module", params=["github", pytest.param("gitlab", marks=pytest.mark.full)])
def older(
    request: pytest.FixtureRequest,
    releases_to_update: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A project of the older release, on each forge."""
    folder = tmp_path_factory.mktemp(request.param)
    return render(releases_to_update, folder / "project", {"ci": request.param}, OLDER)


@pytest.fixture
def forge(older: Path, tmp_path: Path) -> Forge:
    return Forge(older, tmp_path)


def test_an_update_is_proposed_once_it_is_tested(forge: Forge) -> None:
    assert forge.run_job() == 0
    assert f"{BRANCH}\n" in git(forge.remote, "branch", "--format=%(refname:short)")
    message = git(forge.remote, "show", "--no-patch", "--format=%B", BRANCH)
    assert message.startswith(TITLE)
    assert "`uvx nox` passes." in message
    assert TITLE in forge.asked()
    assert "raft" not in forge.asked()
    assert "shedding.py" in git(forge.remote, "show", "--stat", BRANCH)
    assert git(forge.remote, "rev-list", "--count", f"main..{BRANCH}").strip() == "1"


def test_where_nothing_is_new_nothing_is_proposed(forge: Forge) -> None:
    update(forge.project)
    commit(forge.project, "Update")
    assert forge.run_job() == 0
    assert forge.asked() == ""
    assert git(forge.remote, "branch", "--list", BRANCH) == ""


def test_conflicts_are_proposed_as_a_draft_that_lists_them(forge: Forge) -> None:
    swap(forge.project / "pyproject.toml", '    "webargs>=8.7.1,<9",\n', '    "webargs>=8.7.1",\n')
    commit(forge.project, "Edit")
    forge.sessions("echo must not run; exit 1")
    assert forge.run_job() == 3
    assert "Conflicts: update the template" in forge.asked()
    assert "raft" in forge.asked()
    body = (forge.proposal / "body.md").read_text()
    assert "- `pyproject.toml`\n" in body
    assert "The tests were not run." in body


@pytest.mark.full
def test_tests_that_fail_are_proposed_as_a_draft_with_their_words(forge: Forge) -> None:
    forge.sessions("echo the third test failed; exit 1")
    assert forge.run_job() == 3
    assert TITLE in forge.asked()
    assert "raft" in forge.asked()
    assert "the third test failed" in (forge.proposal / "body.md").read_text()


def test_what_would_lose_an_edit_is_not_proposed_at_all(forge: Forge) -> None:
    (forge.project / "README.md").write_text("not committed")
    assert forge.run_job() == 1
    assert forge.asked() == ""
    assert git(forge.remote, "branch", "--list", BRANCH) == ""
