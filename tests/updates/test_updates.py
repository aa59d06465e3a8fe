"""The proof: every past release, edited as people do, is updated without a loss or a conflict."""

import sys
from pathlib import Path
from typing import Any

import pytest

from ..environments import installed
from ..matrix import questions
from ..matrix.presets import PRESETS
from ..matrix.variants import variants
from ..project import must
from ..releases import releases
from ..render import VERSION, commit, git, render
from .edits import edit
from .older import OLDER
from .projects import answers, conflicts, differences, tree, update, without_seeds

ANSWERS: dict[str, dict[str, Any]] = PRESETS | {
    "redis without identity": {"auth": "none", "rate_limit_storage": "redis"},
    "mariadb with tokens": {"database": "mariadb", "auth": "jwt", "example": False},
    "postgresql without identity": {"database": "postgresql", "auth": "none", "log_level": "ERROR"},
}
PAST = [*(release.tag for release in releases()), OLDER]


def edited(template: Path, folder: Path, chosen: dict[str, Any], version: str) -> Path:
    """A project of a release, with edits."""
    project = render(template, folder, chosen, version)
    edit(project)
    return project


@pytest.mark.parametrize("version", PAST)
@pytest.mark.parametrize("chosen", ANSWERS.values(), ids=ANSWERS)
def test_an_update_keeps_every_edit_and_brings_everything_new(
    releases_to_update: Path, tmp_path: Path, version: str, chosen: dict[str, Any]
) -> None:
    project = edited(releases_to_update, tmp_path / "project", chosen, version)
    before, secrets = tree(project), (project / ".env").read_bytes()
    # What that release did not ask yet is told now.
    asked = answers(project)
    update(project, data={name: told for name, told in chosen.items() if name not in asked})
    assert conflicts(project) == []
    assert (project / ".env").read_bytes() == secrets
    fresh = edited(releases_to_update, tmp_path / "fresh", chosen, VERSION)
    assert answers(project) == answers(fresh)
    after = tree(project)
    assert differences(without_seeds(after), without_seeds(tree(fresh))) == []
    seeds = before.keys() - without_seeds(before).keys()
    assert {name: after[name] for name in seeds} == {name: before[name] for name in seeds}


@pytest.mark.parametrize("version", PAST)
def test_what_is_updated_passes_its_tests_and_gates(
    releases_to_update: Path, tmp_path: Path, version: str
) -> None:
    project = edited(releases_to_update, tmp_path / "project", {}, version)
    update(project)
    commit(project, "Update")
    with installed(project, f"{sys.version_info.major}.{sys.version_info.minor}") as place:
        must(place, "uv", "sync", "--quiet")
        must(place, "ruff", "format", "--check", ".")
        must(place, "ruff", "check", ".")
        must(place, "mypy")
        must(place, "pytest", "-q", "--numprocesses=2")


@pytest.mark.parametrize("variant", variants())
def test_an_update_to_the_same_version_changes_nothing(
    template: Path, tmp_path: Path, variant: str
) -> None:
    project = render(template, tmp_path / "project", questions.answers(variants()[variant]))
    secrets = (project / ".env").read_bytes()
    update(project)
    assert git(project, "status", "--porcelain") == ""
    assert (project / ".env").read_bytes() == secrets
