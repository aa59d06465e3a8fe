"""The variant's migrations run on its type of database: up, down, up, and no drift."""

from pathlib import Path

from tools.project import must


def test_migrations_go_down_and_up_again(project: Path, migrated: dict[str, str]) -> None:
    must(project, "flask", "db", "downgrade", "base", **migrated)
    must(project, "flask", "db", "upgrade", **migrated)


def test_models_and_migrations_have_not_drifted_apart(
    project: Path, migrated: dict[str, str]
) -> None:
    must(project, "flask", "db", "check", **migrated)
