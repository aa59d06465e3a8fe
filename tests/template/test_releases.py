"""Releases are derived from the git history, and the CHANGELOG describes each of them."""

import os
import tomllib
from pathlib import Path

import pytest

from tools.releases import NO_RELEASE, Release, changelog, is_shallow, releases, untagged
from tools.render import ROOT, VERSION, commit, git

HISTORY = (ROOT / ".git").exists()


def raise_version(repository: Path, version: str) -> str:
    """Commit a new version, as a release does, and return the commit's hash."""
    (repository / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')
    commit(repository, f"Version {version}")
    return git(repository, "rev-parse", "HEAD").strip()


def test_a_release_is_the_commit_that_raised_the_version(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    raise_version(tmp_path, "0.0.0")
    first = raise_version(tmp_path, "1.0.0")
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write('name = "changed"\n')
    commit(tmp_path, "Change something else")
    tenth = raise_version(tmp_path, "1.10.0")
    found = [(release.tag, release.commit) for release in releases(tmp_path)]
    assert found == [("v1.0.0", first), ("v1.10.0", tenth)]


def test_release_made_on_a_branch_is_counted_once(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    raise_version(tmp_path, "1.0.0")
    git(tmp_path, "switch", "-q", "-c", "branch")
    second = raise_version(tmp_path, "1.1.0")
    git(tmp_path, "switch", "-q", "main")
    (tmp_path / "other").touch()
    commit(tmp_path, "Something else")
    git(tmp_path, "merge", "-q", "--no-edit", "branch")
    assert [release.version for release in releases(tmp_path)] == ["1.0.0", "1.1.0"]
    assert releases(tmp_path)[-1].commit == second


@pytest.mark.skipif(not HISTORY, reason="not a git clone, so past releases are unknown")
def test_git_history_is_complete() -> None:
    if is_shallow() and "CI" not in os.environ:
        pytest.skip("shallow clone: run `git fetch --unshallow` to get all releases")
    assert not is_shallow()


def test_template_fixture_has_every_release_and_the_working_tree(template: Path) -> None:
    tags = [release.tag for release in releases()]
    assert set(git(template, "tag").split()) == {*tags, VERSION}
    assert git(template, "show", f"{VERSION}:copier.yml") == (ROOT / "copier.yml").read_text()


def test_changelog_has_every_release_with_its_date() -> None:
    told = changelog((ROOT / "CHANGELOG.md").read_text())
    dated = [version for version, (date, _) in told.items() if date]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert set(told) - set(dated) <= {"Unreleased"}
    assert next(iter(dated), NO_RELEASE) == version
    assert set(dated) >= {release.version for release in releases()}
    assert all(told[version][1] for version in dated)


def test_untagged_releases_are_listed_with_their_notes(tmp_path: Path) -> None:
    repository, notes = tmp_path / "template", tmp_path / "notes"
    repository.mkdir()
    notes.mkdir()
    git(repository, "init", "-q")
    raise_version(repository, "1.0.0")
    git(repository, "tag", "v1.0.0")
    (repository / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-12-24\n\n### Added\n\n- More.\n\n"
        "## [1.0.0] - 2026-12-01\n\n- All.\n"
    )
    second = raise_version(repository, "1.1.0")
    assert untagged(repository, notes) == [Release("1.1.0", second)]
    assert [path.name for path in notes.iterdir()] == ["v1.1.0.md"]
    assert (notes / "v1.1.0.md").read_text() == "### Added\n\n- More.\n"
