"""Update hooks: renamed files keep their owner's edits, and only hooks require trust."""

from pathlib import Path

import copier
import pytest
import yaml

from hooks import renaming
from tools.render import ROOT, VERSION, commit, git, render
from tools.updates.edits import swap
from tools.updates.older import PACKAGE, release
from tools.updates.projects import answers, conflicts, newest_script, update

GATED = "v1000.0.0"
BEYOND = "v1000.1.0"
EDGE, RIM = "src/my_service/core/middleware/request_log.py", "src/my_service/rim.py"

THEIRS = "# The template's own last line\n"

HOOK = """from renaming import rename_choice, rename_file, rename_question

rename_file("src/{package}/core/middleware/request_log.py", "src/{package}/rim.py")
rename_question("log_level", "verbosity")
rename_choice("database", "sqlite", "file")
"""

MIGRATIONS = """
_migrations:
  - version: v1000.0.0
    when: true
    command: ["{{ _copier_python }}", "{{ _copier_conf.src_path }}/hooks/v1000_0_0.py"]
"""


def rename_everything(template: Path) -> None:
    """Make a major release that renames a file, a question and a choice, and edits the file."""
    git(template, "mv", f"{PACKAGE}/core/middleware/request_log.py", f"{PACKAGE}/rim.py")
    with (template / PACKAGE / "rim.py").open("a") as file:
        file.write(THEIRS)
    (template / "hooks" / "v1000_0_0.py").write_text(HOOK)
    for path in [template / "copier.yml", *(template / "template").rglob("*.jinja")]:
        text = path.read_text().replace("log_level", "verbosity").replace("'sqlite'", "'file'")
        path.write_text(text.replace("machine): sqlite", "machine): file"))
    swap(template / "copier.yml", "default: sqlite\n", "default: mariadb\n")
    database = template / "template/tests/support/service.py.jinja"
    swap(database, "from .database_{{ database }} ", "from .database_sqlite ")
    with (template / "copier.yml").open("a") as file:
        file.write(MIGRATIONS)


def improve(template: Path) -> None:
    """Make the release after it, which needs no hook of its own."""
    rename_everything(template)
    swap(template / f"{PACKAGE}/core/middleware/headers.py", '"DENY"', '"SAMEORIGIN"')


@pytest.fixture(scope="module")
def releases(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with a major release that has a hook, and a release after it."""
    folder = tmp_path_factory.mktemp("hooks")
    git(folder, "clone", "-q", str(template), "template")
    release(folder / "template", GATED, rename_everything)
    release(folder / "template", BEYOND, improve)
    return folder / "template"


def test_update_across_a_hook_requires_trust_and_keeps_edits(
    releases: Path, tmp_path: Path
) -> None:
    project = render(releases, tmp_path / "project", {"log_level": "ERROR"}, VERSION)
    swap(project / EDGE, '"""Request log', '"""Mine: request log')
    commit(project, "Edit")
    with pytest.raises(copier.errors.UnsafeTemplateError):
        update(project)
    assert git(project, "status", "--porcelain") == ""
    update(project, unsafe=True)
    assert conflicts(project) == []
    assert not (project / EDGE).exists()
    text = (project / RIM).read_text()
    assert text.startswith('"""Mine: ')
    assert text.endswith(THEIRS)
    recorded = answers(project)
    assert (recorded["verbosity"], recorded["database"]) == ("ERROR", "file")
    assert "log_level" not in recorded


def test_update_script_requires_trust_for_a_hook_and_keeps_edits(
    releases: Path, tmp_path: Path
) -> None:
    project = render(releases, tmp_path / "project", {}, VERSION)
    swap(project / EDGE, '"""Request log', '"""Mine: request log')
    commit(project, "Edit")
    done = newest_script(project, releases)
    assert (done.returncode, "--trust" in done.stderr) == (1, True)
    assert git(project, "status", "--porcelain") == ""
    done = newest_script(project, releases, "--trust")
    assert (done.returncode, done.stderr) == (0, "")
    text = (project / RIM).read_text()
    assert text.startswith('"""Mine: ')
    assert text.endswith(THEIRS)
    assert answers(project)["verbosity"] == "INFO"


def test_update_without_a_hook_requires_no_trust(releases: Path, tmp_path: Path) -> None:
    project = render(releases, tmp_path / "project", {}, GATED)
    update(project)
    assert answers(project)["_commit"] == BEYOND
    assert "SAMEORIGIN" in (project / "src/my_service/core/middleware/headers.py").read_text()


def test_first_render_requires_no_trust_despite_a_hook(releases: Path, tmp_path: Path) -> None:
    assert (render(releases, tmp_path / "project", {}, BEYOND) / RIM).exists()


@pytest.fixture
def project(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is the working directory, as when copier runs a hook."""
    project = render(template, tmp_path / "project", {"description": "größer"})
    monkeypatch.chdir(project)
    return project


@pytest.mark.parametrize("stage", ["before", "after"])
def test_answers_are_renamed_before_the_update(
    project: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = answers(project)
    monkeypatch.setenv("STAGE", stage)
    renaming.rename_question("auth", "identity")
    renaming.rename_question("no such question", "another")
    renaming.rename_choice("database", "sqlite", "file")
    renaming.rename_choice("identity", "jwt", "tokens")
    if stage == "after":
        assert answers(project) == old
        return
    new = {"identity" if name == "auth" else name: answer for name, answer in old.items()}
    assert answers(project) == new | {"database": "file"}
    assert list(answers(project)) == list(new)


def test_choice_of_a_multiselect_is_renamed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "before")
    (project / ".copier-answers.yml").write_text("parts: [metrics, sentry]\n")
    renaming.rename_choice("parts", "sentry", "errors")
    assert answers(project) == {"parts": ["metrics", "errors"]}


def test_file_deleted_by_its_owner_is_not_recreated(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "after")
    git(project, "rm", "-q", EDGE)
    commit(project, "Delete")
    (project / RIM).write_text("of the new version\n")
    renaming.rename_file("src/{package}/core/middleware/request_log.py", "src/{package}/rim.py")
    assert git(project, "status", "--porcelain") == ""


def test_edits_of_both_sides_at_one_place_are_a_conflict(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "after")
    text = (project / EDGE).read_text()
    (project / EDGE).write_text(text + "mine\n")
    commit(project, "Edit")
    (project / EDGE).unlink()
    (project / RIM).write_text(text + "theirs\n")
    renaming.rename_file("src/{package}/core/middleware/request_log.py", "src/{package}/rim.py")
    assert conflicts(project) == [RIM]


def test_every_hook_has_a_migration_entry_for_its_version() -> None:
    config = yaml.safe_load((ROOT / "copier.yml").read_text())
    entries = {entry["version"]: entry for entry in config.get("_migrations", [])}
    scripts = {path.stem for path in (ROOT / "hooks").glob("v*.py")}
    assert scripts == {version.replace(".", "_") for version in entries}
    for version, entry in entries.items():
        script = f"hooks/{version.replace('.', '_')}.py"
        assert entry["when"] is True
        assert entry["command"][1].endswith(f"/{script}")
