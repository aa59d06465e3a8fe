"""When a release gives a section of a page a page of its own, the owner's edits follow it."""

from pathlib import Path

import pytest

from tools.render import ROOT, commit, git, render
from tools.updates.projects import newest_script
from updating.move_table import TABLE, table
from updating.pages import split

BEFORE = "v1.4.1"  # 2.0.0 splits the README
PAGE = """\
# Shop

## Settings

Set them.

### In files

```sh
# Read it:
cat .env
```

## More

Ask Ada.
"""


@pytest.fixture
def project(releases_to_update: Path, tmp_path: Path) -> Path:
    """A project rendered from the last release before the split."""
    return render(releases_to_update, tmp_path / "project", {}, BEFORE)


def test_section_becomes_a_page_with_its_subsections_and_code() -> None:
    rest, section = split(PAGE, "## Settings")
    assert rest == "# Shop\n\n## More\n\nAsk Ada.\n"
    assert section.startswith("# Settings\n\nSet them.\n\n### In files\n")
    assert section.endswith("# Read it:\ncat .env\n```\n")


def test_subsection_ends_at_the_next_section() -> None:
    rest, section = split(PAGE, "### In files")
    assert rest == "# Shop\n\n## Settings\n\nSet them.\n\n## More\n\nAsk Ada.\n"
    assert section == "# In files\n\n```sh\n# Read it:\ncat .env\n```\n"


def test_page_without_the_section_is_unchanged() -> None:
    assert split(PAGE, "## Keys") == (PAGE, "")


def test_edits_of_a_section_follow_it(project: Path, releases_to_update: Path) -> None:
    readme = project / "README.md"
    row = "| `OWN_LIMIT` | `5` | Mine |\n"
    mark = "<!-- Yours: a table of your own settings below this line -->\n"
    text = readme.read_text().replace("| `WEB_THREADS` | `8` |", "| `WEB_THREADS` | `12` |")
    readme.write_text(text.replace(mark, f"{mark}\n{row}") + "\n## Mine\n")
    commit(project, "Edit")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stderr) == (0, "")
    settings = (project / "docs/settings.md").read_text()
    assert settings.endswith(f"{mark}\n{row}")
    assert "| `WEB_THREADS` | `12` |" in settings
    assert "## Settings" not in readme.read_text()
    assert readme.read_text().endswith("\n## Mine\n")


def test_new_pages_are_added_to_a_project_with_a_readme_of_its_own(
    project: Path, releases_to_update: Path
) -> None:
    (project / "README.md").write_text("# Ours\n\nAsk Ada.\n")
    commit(project, "Edit")
    assert newest_script(project, releases_to_update).returncode == 3
    assert git(project, "diff", "--name-only", "--diff-filter=U") == "README.md\n"
    fresh = render(releases_to_update, project.parent / "fresh", {})
    for page in (fresh / "docs").glob("*.md"):
        assert (project / "docs" / page.name).read_text() == page.read_text()


def test_own_page_at_the_new_path_stops_the_update(project: Path, releases_to_update: Path) -> None:
    (project / "docs/settings.md").write_text("# Ours\n")
    commit(project, "Add")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "The section Settings of README.md becomes docs/settings.md, which you already have: rename"
        " yours, and commit.\n"
    )
    assert git(project, "status", "--porcelain") == ""


def test_new_pages_are_pages_of_the_template() -> None:
    for section in table((ROOT / TABLE).read_text()).sections:
        page = ROOT / "template" / section.new_page
        assert page.exists() or page.with_name(f"{page.name}.jinja").exists(), section.new_page
