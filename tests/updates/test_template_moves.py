"""When a release moves files, the owner's edits move along and every import is updated."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.render import ROOT, commit, git, render
from tools.updates.older import release
from tools.updates.projects import newest_script
from updating.move_table import TABLE, table

BEFORE = "v1.4.1"  # 2.0.0 moves nearly every module
PACKAGE = "src/my_service"
MINE = '''"""Mine."""

from . import limits
from .database import db
from .openapi import ApiBlueprint

PLACE = "my_service.limits.REDIS_TIMEOUT"


def widen() -> None:
    """Widen a limit."""
    limits.WIDER = limits.WIDER + 1
'''
MINE_AFTER = '''"""Mine."""

from .core.middleware import rate_limits
from .core.database import db
from .core.api.blueprint import Blueprint

PLACE = "my_service.core.middleware.rate_limits.REDIS_TIMEOUT"


def widen() -> None:
    """Widen a limit."""
    rate_limits.WIDER = rate_limits.WIDER + 1
'''
CHECK = '''"""Mine."""

from ..database import db
from .registry import check
'''


@pytest.fixture
def project(releases_to_update: Path, tmp_path: Path) -> Path:
    """A project rendered from the last release before the move."""
    return render(releases_to_update, tmp_path / "project", {}, BEFORE)


def write(project: Path, name: str, text: str) -> None:
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(text)


def test_imports_in_own_modules_are_updated(project: Path, releases_to_update: Path) -> None:
    write(project, f"{PACKAGE}/mine.py", MINE)
    write(project, "Procfile", "web: python -m my_service.server\n")
    commit(project, "Add")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stderr) == (0, "")
    assert (project / PACKAGE / "mine.py").read_text() == MINE_AFTER
    assert f"sections of pages.\n\n- `Procfile`\n- `{PACKAGE}/mine.py`\n" in done.stdout
    assert (project / "Procfile").read_text() == "web: python -m my_service.core.server.serve\n"


def test_imports_in_the_example_are_updated(project: Path, releases_to_update: Path) -> None:
    views = project / PACKAGE / "experiments/views.py"
    views.write_text(views.read_text().replace('"""Experiments', '"""Mine: experiments', 1))
    commit(project, "Edit")
    assert newest_script(project, releases_to_update).returncode == 0
    text = views.read_text()
    assert text.startswith('"""Mine: experiments')
    assert "from ..core.database import" in text


def test_limit_of_an_own_blueprint_in_the_factory_is_kept(
    project: Path, releases_to_update: Path
) -> None:
    factory = project / PACKAGE / "__init__.py"
    line = '    limiter.limit("9 per minute")(mine.smorest)\n'
    registered = "    api.register(*BLUEPRINTS)\n"
    factory.write_text(factory.read_text().replace(registered, registered + line))
    commit(project, "Limit")
    assert newest_script(project, releases_to_update).returncode == 0
    text = factory.read_text()
    assert '    limiter.limit("9 per minute")(mine)\n' in text
    assert "from .core.middleware.limiter import limiter\n" in text


def test_edits_move_with_their_file(project: Path, releases_to_update: Path) -> None:
    with (project / PACKAGE / "uncounted.py").open("a") as file:
        file.write("\n\nfrom . import deadlines\n\nMINE = deadlines\n")
    commit(project, "Edit")
    assert newest_script(project, releases_to_update).returncode == 0
    text = (project / PACKAGE / "core/middleware/uncounted.py").read_text()
    assert text.endswith("\n\nfrom .. import deadlines\n\nMINE = deadlines\n")
    assert not (project / PACKAGE / "uncounted.py").exists()


def test_removed_example_module_is_deleted_unless_edited(
    project: Path, releases_to_update: Path
) -> None:
    module = project / PACKAGE / "experiments/blueprints.py"
    edited = render(releases_to_update, project.parent / "edited", {}, BEFORE)
    with (edited / PACKAGE / "experiments/blueprints.py").open("a") as file:
        file.write("BLUEPRINTS.append(mine)\n")
    commit(edited, "Edit")
    assert newest_script(project, releases_to_update).returncode == 0
    assert not module.exists()
    done = newest_script(edited, releases_to_update)
    assert done.returncode == 1
    assert f"{PACKAGE}/experiments/blueprints.py" in done.stderr


def test_both_sides_of_a_conflict_in_a_moved_file_are_readable(
    project: Path, releases_to_update: Path
) -> None:
    limits = project / PACKAGE / "limits.py"
    limits.write_text(limits.read_text().replace("WIDER = 16", "WIDER = 17"))
    commit(project, "Edit")
    assert newest_script(project, releases_to_update).returncode == 3
    place = f"{PACKAGE}/core/middleware/rate_limits.py"
    assert git(project, "diff", "--name-only", "--diff-filter=U").split() == [place]
    assert "WIDER = 17" in git(project, "show", f":2:{place}")


def test_own_doctor_check_moves_with_the_others(project: Path, releases_to_update: Path) -> None:
    write(project, f"{PACKAGE}/doctor/mine.py", CHECK)
    commit(project, "Add a check")
    assert newest_script(project, releases_to_update).returncode == 0
    text = (project / PACKAGE / "doctor/checks/mine.py").read_text()
    assert text == CHECK.replace("..database", "...core.database").replace(".reg", "..reg")


def test_imports_in_a_renamed_package_are_updated(project: Path, releases_to_update: Path) -> None:
    write(project, f"{PACKAGE}/mine.py", MINE)
    git(project, "add", "-A")
    git(project, "mv", PACKAGE, "src/shop")
    for path in [*(project / "tests").rglob("*.py"), *(project / "src").rglob("*.py")]:
        path.write_text(path.read_text().replace("my_service", "shop"))
    for name in ("pyproject.toml", "wsgi.py"):
        path = project / name
        path.write_text(path.read_text().replace("my_service", "shop"))
    commit(project, "Rename the package")
    done = newest_script(project, releases_to_update)
    assert done.stderr == ""
    text = (project / "src/shop/mine.py").read_text()
    assert text == MINE_AFTER.replace("my_service", "shop")
    assert 'serve = "shop.core.server.serve:main"' in (project / "pyproject.toml").read_text()


def test_module_moved_by_its_owner_stays_in_place(project: Path, releases_to_update: Path) -> None:
    write(project, f"{PACKAGE}/network/__init__.py", '"""Mine."""\n')
    git(project, "mv", f"{PACKAGE}/proxies.py", f"{PACKAGE}/network/proxies.py")
    for path in (project / PACKAGE).glob("*.py"):
        path.write_text(
            path.read_text().replace("from .proxies import", "from .network.proxies import")
        )
    commit(project, "Sort")
    assert newest_script(project, releases_to_update).returncode in (0, 3)
    assert (project / PACKAGE / "network/proxies.py").exists()
    assert not (project / PACKAGE / "core/middleware/proxies.py").exists()
    text = (project / PACKAGE / "core/middleware/rate_limits.py").read_text()
    assert "from ...network.proxies import" in text


def test_existing_file_at_a_new_path_stops_the_update(
    project: Path, releases_to_update: Path
) -> None:
    write(project, f"{PACKAGE}/core/errors.py", '"""Mine."""\n')
    commit(project, "Add")
    done = newest_script(project, releases_to_update)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The update moves {PACKAGE}/errors.py to {PACKAGE}/core/errors.py, which already exists:"
        " rename yours and commit.\n"
    )
    assert git(project, "status", "--porcelain") == ""


def test_changes_of_a_release_are_made_once(releases_to_update: Path, tmp_path: Path) -> None:
    template, project = tmp_path / "template", tmp_path / "project"
    shutil.copytree(releases_to_update, template, symlinks=True)
    answers = {"upstream": "openai"}
    before = render(template, project, answers)

    def move(template: Path) -> None:
        package = template / "template/src/{{package_name}}/core"
        (package / "draining.py").rename(package / "drain.py")
        moves = template / TABLE
        line = '"src/{package}/core/draining.py" = "src/{package}/core/drain.py"\n'
        moves.write_text(moves.read_text().replace("[files]\n", f"[files]\n{line}", 1))

    release(template, "v1000.0.0", move)
    factory = before / PACKAGE / "__init__.py"
    with factory.open("a") as file:
        file.write("\n\nMINE = 1\n")
    texts = {page: page.read_text() for page in (factory, project / "README.md")}
    commit(project, "Edit")
    assert newest_script(project, template).returncode == 0
    assert (project / PACKAGE / "core/drain.py").exists()
    assert {page: page.read_text() for page in texts} == texts


def test_updated_project_compiles(project: Path, releases_to_update: Path) -> None:
    assert newest_script(project, releases_to_update).returncode == 0
    compiled = [sys.executable, "-m", "compileall", "-q", "src", "tests", "migrations"]
    assert subprocess.run(compiled, cwd=project).returncode == 0


def test_move_table_points_to_existing_template_files() -> None:
    files = table((ROOT / TABLE).read_text()).files
    for old, new in files.items():
        at_old, at_new = (
            ROOT / "template" / path.replace("{package}", "{{package_name}}") for path in (old, new)
        )
        assert not at_old.exists(), old
        is_there = at_new.exists() or at_new.with_name(f"{at_new.name}.jinja").exists()
        assert is_there or new in files, new


def test_table_of_tests_leads_to_tests_of_the_template() -> None:
    sources = (ROOT / "template/tests").rglob("*.py")
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    for old, new in table((ROOT / TABLE).read_text()).tests.items():
        assert f"def {old}(" not in code, old
        assert f"def {new}(" in code, new


def test_own_rows_of_the_readme_follow_a_renamed_test(
    project: Path, releases_to_update: Path
) -> None:
    readme = project / "README.md"
    readme.write_text(f"{readme.read_text()}\n| Mine | `test_it_serves_a_body_that_is_large` |\n")
    old, new = next(iter(table((ROOT / TABLE).read_text()).tests.items()))
    readme.write_text(readme.read_text().replace("test_it_serves_a_body_that_is_large", old))
    commit(project, "Edit")
    assert newest_script(project, releases_to_update).returncode == 0
    assert readme.read_text().endswith(f"| Mine | `{new}` |\n")
