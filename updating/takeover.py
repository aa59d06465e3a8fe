"""Write the result into the project: the last step, done by git in a separate process."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from .errors import Stop
from .merging import Merge
from .project import Project
from .repository import GONE, Repository, index_lines

ROOT = Path(__file__).parents[1]


def take_over(project: Project, merge: Merge) -> None:
    """Write the update into the project and its index; conflicts stay unmerged in the index.

    The process that writes survives Ctrl-C and the end of this process, so that the update is
    applied completely or not at all.

    Raises:
        Stop: git refused, and nothing was written.
    """
    source = merge.repository
    result = source.text("commit-tree", "-m", "Result", merge.result)
    source.run("update-ref", "refs/heads/result", result)
    told = {
        "top": str(project.repository.folder),
        "prefix": project.prefix,
        "source": str(source.folder),
        "conflicts": os.fsdecode(_conflicts(project, merge)),
    }
    command = [sys.executable, "-m", f"{__package__}.{Path(__file__).stem}"]
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            start_new_session=True,
            input=json.dumps(told),
            capture_output=True,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, interrupt)
    if done.returncode:
        raise Stop(done.stderr.strip().splitlines()[-1])


def _conflicts(project: Project, merge: Merge) -> bytes:
    """Return the input of `git update-index --index-info` for the conflicts."""
    lines = b""
    for path, found in merge.conflicts.items():
        place = f"{project.prefix}{path}"
        staged = [(place, (mode, f"{blob} {stage}")) for stage, (mode, blob) in found.items()]
        lines += index_lines([(place, GONE), *staged])
    return lines


def write(top: str, prefix: str, source: str, conflicts: str) -> None:
    """Fetch the objects, check out the tree and mark the conflicts."""
    repository = Repository(Path(top))
    quietly = ("--quiet", "--no-tags", "--no-write-fetch-head", "--update-shallow")
    # Conflicts refer to blobs of both sides, and the owner's may be rewritten ones.
    branches = [f"refs/heads/{name}" for name in ("result", "template", "yours")]
    repository.run("fetch", *quietly, source, *branches)
    tree = Repository(Path(source)).text("rev-parse", "refs/heads/result^{tree}")
    if prefix:
        tree = _in_its_place(repository, prefix, tree)
    repository.run("update-index", "-q", "--refresh")
    repository.run("read-tree", "-m", "-u", "HEAD", tree)
    repository.run("update-index", "-z", "--index-info", stdin=os.fsencode(conflicts))


def _in_its_place(repository: Repository, prefix: str, tree: str) -> str:
    """Return the tree of the whole repository, with the project's folder replaced by `tree`."""
    with repository.own_index("HEAD") as index:
        index.run("rm", "-r", "--quiet", "--cached", "--", prefix)
        index.run("read-tree", f"--prefix={prefix}", tree)
        return index.text("write-tree")


if __name__ == "__main__":
    try:
        write(**json.load(sys.stdin))
    except Stop as stop:
        sys.exit(str(stop))
