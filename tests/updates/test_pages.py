"""When a release gives a section of a page a page of its own, the owner's edits follow it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.render import ROOT, commit, git, render
from tools.updates.projects import differences, newest_script, tree
from updating.move_table import TABLE, table
from updating.pages import split, with_links

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

CODE = [
    "```sh\n## Settings\n```\n",
    "~~~\n## Settings\n```\n## More\n~~~\n",
    "````\n```\n## Settings\n````\n",
    "- like this:\n\n  ```sh\n## Settings\n  ```\n",
    "```make run``` does it\n",
]


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


@pytest.mark.parametrize("code", CODE)
def test_heading_in_a_code_block_neither_starts_nor_ends_a_section(code: str) -> None:
    page = f"# Shop\n\n{code}\n## Settings\n\nSet them.\n{code}\n## More\n"
    rest, section = split(page, "## Settings")
    assert rest == f"# Shop\n\n{code}\n## More\n"
    assert section == f"# Settings\n\nSet them.\n{code}"


@given(st.lists(st.sampled_from(["# A", "## B", "### C", "```", "~~~", "    ```", "b", ""])))
def test_splitting_a_page_loses_no_line(lines: list[str]) -> None:
    page = "\n".join(lines)
    rest, section = split(page, "## B")
    kept = f"{rest}\n{section.replace('# B', '## B', 1)}".split("\n")
    assert sorted(filter(None, kept)) == sorted(filter(None, lines))


def test_relative_links_lead_to_the_same_files() -> None:
    text = "[a](docs/a.md#b) [b](b.md) [c](https://c.example) [d](#d) [e](/e)"
    moved = "[a](a.md#b) [b](../b.md) [c](https://c.example) [d](#d) [e](/e)"
    assert with_links(text, "README.md", "docs/settings.md") == moved


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


@pytest.mark.parametrize("heading", ["## Keys", "## Errors", "## Settings", "## The house"])
def test_deleted_section_stays_deleted(
    project: Path, releases_to_update: Path, heading: str
) -> None:
    readme = project / "README.md"
    rest, section = split(readme.read_text(), heading)
    assert section
    readme.write_text(rest)
    commit(project, "Delete")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{heading}\n" not in readme.read_text()


def test_section_with_another_heading_is_a_conflict(
    project: Path, releases_to_update: Path
) -> None:
    readme = project / "README.md"
    readme.write_text(readme.read_text().replace("## Settings\n", "## Configuration\n"))
    commit(project, "Rename")
    assert newest_script(project, releases_to_update).returncode == 3
    assert "## Configuration\n" in readme.read_text()


def test_edits_follow_a_section_of_a_page_that_its_owner_moved(
    project: Path, releases_to_update: Path
) -> None:
    git(project, "mv", "README.md", "docs/README.md")
    readme = project / "docs/README.md"
    text = readme.read_text().replace("](docs/", "](")
    readme.write_text(text.replace("| `WEB_THREADS` | `8` |", "| `WEB_THREADS` | `12` |"))
    commit(project, "Move")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stderr) == (0, "")
    assert "| `WEB_THREADS` | `12` |" in (project / "docs/settings.md").read_text()
    assert "## Quick start\n" in readme.read_text()


def test_unedited_project_without_the_example_is_updated(
    releases_to_update: Path, tmp_path: Path
) -> None:
    project = render(releases_to_update, tmp_path / "project", {"example": False}, BEFORE)
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stderr) == (0, "")
    fresh = render(releases_to_update, tmp_path / "fresh", {"example": False})
    assert differences(tree(project), tree(fresh)) == []


@pytest.mark.parametrize("name", ["docs", "docs/settings.md/own.md"])
def test_file_or_folder_in_the_way_of_a_new_page_stops_the_update(
    project: Path, releases_to_update: Path, name: str
) -> None:
    if name == "docs":
        git(project, "mv", "docs", "handbook")
        (project / "docs").symlink_to("handbook")
    else:
        (project / name).parent.mkdir()
        (project / name).write_text("Mine.\n")
    commit(project, "Move")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stdout) == (1, "")
    assert "which already exists: rename yours and commit." in done.stderr


def test_own_page_at_the_new_path_stops_the_update(project: Path, releases_to_update: Path) -> None:
    (project / "docs/settings.md").write_text("# Ours\n")
    commit(project, "Add")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "The update moves the section Settings of README.md to docs/settings.md, which already exists:"
        " rename yours and commit.\n"
    )
    assert git(project, "status", "--porcelain") == ""


def test_new_pages_are_pages_of_the_template() -> None:
    for section in table((ROOT / TABLE).read_text()).sections:
        page = ROOT / "template" / section.new_page
        assert page.exists() or page.with_name(f"{page.name}.jinja").exists(), section.new_page
