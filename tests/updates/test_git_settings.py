"""Whatever a user's git configuration, an update gives the same tree, with every edit."""

from pathlib import Path

import pytest

from tools.releases import releases
from tools.render import VERSION, commit, git, render
from tools.updates.edits import edit, placed
from tools.updates.git_settings import hostile_git
from tools.updates.older import OLDER
from tools.updates.projects import answers, newest_script, tree

RELEASES = [release.tag for release in releases()]
ENDS = {*RELEASES[:1], *RELEASES[-1:]}
PAST = [
    pytest.param(version, marks=[] if version in ENDS else [pytest.mark.full])
    for version in [*RELEASES, OLDER]
]


def edited(template: Path, folder: Path, version: str) -> Path:
    """A project with edits that a hostile git configuration rejects, such as trailing blanks."""
    project = render(template, folder, {}, version)
    edit(project)
    with placed(project, "my_service", "src/{package}/errors.py").open(
        "a", encoding="utf-8"
    ) as file:
        file.write("# Mine, with a blank at its end \n \t# and a tab after a blank\n\n\n")
    commit(project, "Edit more")
    return project


@pytest.mark.parametrize("version", PAST)
def test_update_keeps_every_edit_under_hostile_git_settings(
    releases_to_update: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    usual = edited(releases_to_update, tmp_path / "usual", version)
    harassed = edited(releases_to_update, tmp_path / "harassed", version)
    assert newest_script(usual, releases_to_update).returncode == 0
    (tmp_path / "user").mkdir()
    with hostile_git(tmp_path / "user", monkeypatch):
        done = newest_script(harassed, releases_to_update)
    assert (done.returncode, done.stderr) == (0, "")
    assert answers(harassed)["_commit"] == VERSION
    assert tree(harassed) == tree(usual)
    assert git(harassed, "diff", "--name-only") == ""
    text = (harassed / "src/my_service/core/errors.py").read_text()
    assert text.endswith("# Mine, with a blank at its end \n \t# and a tab after a blank\n\n\n")


def test_access_to_private_templates_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from updating.environment import isolated

    (tmp_path / "empty").mkdir()
    (tmp_path / "gitconfig").write_text(
        '[url "https://mirror.example/"]\n\tinsteadOf = https://forge.example/\n'
        '[credential "https://forge.example"]\n\thelper = store\n'
        '[http "https://forge.example/"]\n\textraHeader = secret\n'
        "[core]\n\tsshCommand = ssh -i key\n\thooksPath = /hooks\n[alias]\n\tst = status\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -v")
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    variables = isolated(tmp_path / "empty")
    told = {
        variables[f"GIT_CONFIG_KEY_{number}"]: variables[f"GIT_CONFIG_VALUE_{number}"]
        for number in range(int(variables["GIT_CONFIG_COUNT"]))
    }
    assert told["url.https://mirror.example/.insteadof"] == "https://forge.example/"
    assert told["credential.https://forge.example.helper"] == "store"
    assert told["http.https://forge.example/.extraheader"] == "secret"
    assert told["core.sshcommand"] == "ssh -i key"
    assert told["core.hookspath"] == "/dev/null"
    assert "alias.st" not in told
    assert variables["GIT_SSH_COMMAND"] == "ssh -v"
    assert "GIT_DIR" not in variables
