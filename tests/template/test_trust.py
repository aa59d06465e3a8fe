"""The template requires no trust: neither a copy nor an update of it runs code."""

from pathlib import Path

import copier
import pytest
import yaml

from tools.render import ROOT, commit, git, render

CONFIG = yaml.safe_load((ROOT / "copier.yml").read_text())


@pytest.mark.parametrize("key", ["_tasks", "_jinja_extensions", "_external_data"])
def test_nothing_that_runs_code_is_configured(key: str) -> None:
    assert key not in CONFIG


def test_every_migration_is_gated_by_a_version() -> None:
    assert all("version" in entry for entry in CONFIG.get("_migrations", []))


def test_template_with_a_task_is_rejected(template: Path, tmp_path: Path) -> None:
    """`render` runs copier without trust, so a task in the template makes the tests fail."""
    tasked = Path(git(tmp_path, "clone", "-q", str(template), "tasked") or tmp_path / "tasked")
    with (tasked / "copier.yml").open("a") as file:
        file.write('\n_tasks:\n  - "true"\n')
    commit(tasked, "Add a task")
    git(tasked, "tag", "-f", "v999.0.0")
    with pytest.raises(copier.errors.UnsafeTemplateError):
        render(tasked, tmp_path / "project", {})


def test_each_render_has_its_own_secret_key(template: Path, tmp_path: Path) -> None:
    keys = set()
    for name in ("one", "two"):
        project = render(template, tmp_path / name, {})
        lines = (project / ".env").read_text().splitlines()
        keys.add(next(line for line in lines if line.startswith("SECRET_KEY=")))
        assert ".env" not in git(project, "ls-files").splitlines()
    assert len(keys) == 2
    assert all(len(key) == len("SECRET_KEY=") + 64 for key in keys)
