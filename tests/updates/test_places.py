"""Lists that users extend have a marked place for their lines, so that updates do not conflict."""

from pathlib import Path

import pytest

from tools.render import VERSION, commit, git, render
from tools.updates.older import release
from tools.updates.projects import conflicts, update

NEXT = "v1000.0.0"
MARK = "Yours: "

# The files with places for the project's own lines, and the number of places in each.
PLACES = {
    ".env.example": 1,  # settings
    ".github/workflows/ci.yml": 1,  # jobs
    ".gitignore": 1,
    "AGENTS.md": 1,
    "README.md": 1,
    "docs/settings.md": 1,
    "noxfile.py": 1,  # sessions
    "pyproject.toml": 5,  # dependencies, commands, development, the doctor, tools
    "src/my_service/__init__.py": 2,  # imports; blueprints and extensions
    "src/my_service/settings/table.py": 1,
    "tests/conftest.py": 2,  # settings; fixtures
    "tests/core/settings/test_settings.py": 1,  # settings
}


def at_marks(folder: Path, line: str, offset: int) -> dict[str, int]:
    """Write a line `offset` lines below each mark in a folder, and count the marks by file."""
    found = {}
    for name in git(folder, "ls-files").splitlines():
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        marks = [
            number for number, text in enumerate(lines) if text.strip("#<!- ").startswith(MARK)
        ]
        for number in reversed(marks):
            lines.insert(number + offset, line)
        if marks:
            found[name] = len(marks)
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return found


def test_lines_above_and_below_each_mark_are_merged(template: Path, tmp_path: Path) -> None:
    changed = Path(git(tmp_path, "clone", "-q", str(template), "changed") or tmp_path / "changed")
    project = render(changed, tmp_path / "project", {})
    assert at_marks(project, "# mine", 1) == PLACES
    commit(project, "Add lines")
    release(changed, NEXT, lambda template: at_marks(template / "template", "# the template's", 0))
    update(project)
    assert conflicts(project) == []
    for name, count in PLACES.items():
        lines = (project / name).read_text(encoding="utf-8").splitlines()
        places = [number for number, line in enumerate(lines) if line == "# mine"]
        assert len(places) == count
        assert all(lines[number - 2] == "# the template's" for number in places), name


@pytest.mark.parametrize(("between", "conflicting"), [(0, ["list.txt"]), (1, [])])
def test_git_merges_changes_with_one_line_between_them(
    tmp_path: Path, between: int, conflicting: list[str]
) -> None:
    """The marks rely on this: if a patch is rejected, copier falls back to a three-way merge."""
    template = tmp_path / "template"
    template.mkdir()
    git(template, "init", "-q")
    answers = "{{ _copier_conf.answers_file }}.jinja"
    (template / answers).write_text("{{ _copier_answers | to_nice_yaml }}")
    (template / "list.txt").write_text("first\nlast\n" + "mark\n" * between)
    commit(template, "One")
    git(template, "tag", VERSION)
    project = render(template, tmp_path / "project", {})
    with (project / "list.txt").open("a") as file:
        file.write("mine\n")
    commit(project, "Mine")
    (template / "list.txt").write_text("first\nlast\nthe template's\n" + "mark\n" * between)
    commit(template, "Two")
    git(template, "tag", NEXT)
    update(project)
    assert conflicts(project) == conflicting
