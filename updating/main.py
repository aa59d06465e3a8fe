"""The command line of `update.py`, and the steps of an update in order."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import obstacles, report
from .environment import isolated
from .errors import Stop
from .history import check_answers
from .progress import step
from .project import opened
from .proof import prove
from .repository import Repository
from .takeover import take_over
from .template import Template
from .trees import merged
from .versions import chosen

STOPPED, LOOK = 1, 3
ROOT = Path(__file__).parents[1]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Update a project from the template in `root`.

    The exit code is 0, 1 (stopped) or 3 (updated, but the user has to look at something).
    """
    options = parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="update-") as folder:
        place = Path(folder).resolve()
        (place / "empty").mkdir()
        try:
            with _environment(isolated(place / "empty")):
                return update(options, Template(Repository(root), options.trust), place)
        except Stop as stop:
            print(str(stop).rstrip("\n"), file=sys.stderr)
        except KeyboardInterrupt:
            print("Interrupted; nothing was changed.", file=sys.stderr)
        return STOPPED


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Replace the environment with these variables, so that git and copier both use only them."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def parser() -> argparse.ArgumentParser:
    """Build the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="update.py",
        description="Update a project from this template, or change its answers.",
        epilog="Exit codes: 0 updated or nothing to do, 1 stopped without writing anything,"
        " 2 usage error, 3 updated, with conflicts or files to review.",
    )
    add = made.add_argument
    add("-d", "--data", action="append", default=[], type=_pair, metavar="QUESTION=ANSWER")
    add("--vcs-ref", metavar="REF", help="version to update to (default: the newest release)")
    add("--anyway", action="store_true", help="delete or merge files of yours instead of stopping")
    add("--trust", action="store_true", help="run the template's hook for a major release")
    add("--project", type=Path, default=Path(), metavar="FOLDER", help="default: current folder")
    add("-a", "--answers-file", default=".copier-answers.yml", metavar="FILE")
    return made


def _pair(answer: str) -> tuple[str, str]:
    name, equals, value = answer.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("expected QUESTION=ANSWER")
    return name, value


def update(options: argparse.Namespace, template: Template, place: Path) -> int:
    """Merge, check for obstacles, prove that nothing is lost, write the result and report.

    Raises:
        Stop: the update cannot go on; nothing was written.
    """
    data = dict(options.data)
    project = opened(options.project.resolve(), options.answers_file)
    versions = chosen(template, project.answers(), data, options.vcs_ref)
    check_answers(project, template)
    step("Rendering the template and merging your edits")
    merge = merged(project, template, versions, data, place / "rendered")
    missing = merge.missing
    merge = merge.without(missing)
    if not merge.repository.changes(merge.original, merge.result):
        print(f"Nothing to do: this project is at {versions.name_before}.")
        return 0
    if data:
        obstacles.check_seeds(project, template, versions, merge, place / "fresh")
    if not options.anyway:
        obstacles.check_dropped(merge)
        obstacles.check_collisions(merge)
    step("Checking that no line of yours is lost")
    prove(merge)
    merge = merge.without(merge.dropped)
    obstacles.check_unseen(project, merge)
    take_over(project, merge)
    print(report.report(project, template, versions, merge, missing, data))
    return LOOK if merge.conflicts or missing else 0
