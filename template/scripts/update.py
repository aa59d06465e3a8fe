# /// script
# requires-python = ">=3.11"
# ///
"""Update this project from its template, or change answers: `uv run scripts/update.py --help`.

It clones the template that `_src_path` in `.copier-answers.yml` names, and runs the update script
of its newest release with the arguments given here. That script writes nothing until it has
verified that the update loses nothing. Exit codes: 0 updated or nothing to do, 1 stopped without
writing anything, 2 usage error, 3 updated, with conflicts or files to review.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ANSWERS = ".copier-answers.yml"
SCRIPT = "update.py"
SOURCE = re.compile(r"^_src_path: *(.+(?:\n[ \t].*)*)$", re.MULTILINE)  # YAML folds a long value
RELEASE = re.compile(r"v?\d+(\.\d+)*")  # but no release candidate
ABSOLUTE = re.compile(r"[/~]|[\w+.-]+(:|@)")
ALIASES = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/", "git+": ""}
# No hooks of the user's, neither configured ones nor those of a template for new repositories.
GIT = ["git", "-c", f"core.hooksPath={os.devnull}", "-c", "advice.detachedHead=false"]
CLONE = [*GIT, "clone", "--quiet", "--template="]


def main() -> int:
    """Clone the template, and run the newest release's script."""
    source = address()
    with tempfile.TemporaryDirectory(prefix="template-") as folder:
        cloned = subprocess.run([*CLONE, url(source), folder], env=variables())
        if cloned.returncode:
            sys.exit(f"git could not clone {source}: see above.")
        git = [*GIT, "-C", folder]
        listing = [*git, "tag", "--sort=-version:refname"]
        tags = subprocess.run(listing, env=variables(), capture_output=True, text=True).stdout
        newest = next(filter(RELEASE.fullmatch, tags.split()), "HEAD")
        subprocess.run([*git, "checkout", "--quiet", "--detach", newest], env=variables())
        script = Path(folder, SCRIPT)
        if not script.exists():
            sys.exit(f"{newest} of {source} has no {SCRIPT}: use `uvx copier update`.")
        print(f"Running {SCRIPT} of {source} at {newest}.", file=sys.stderr)
        return run([*runner(), str(script), *sys.argv[1:]])


def address() -> str:
    """Return where this project's template is."""
    file = PROJECT / ANSWERS
    found = SOURCE.search(file.read_text("utf-8") if file.exists() else "")
    if found is None:
        sys.exit(f"{ANSWERS} has no _src_path: restore it from git's history.")
    source = " ".join(found[1].split()).strip("'\"")
    if not ABSOLUTE.match(source):
        sys.exit(f"_src_path in {ANSWERS} is a relative path: use a URL or an absolute path.")
    return source


def url(source: str) -> str:
    """Return the URL or path that git understands for an address given to copier."""
    for prefix, full in ALIASES.items():
        if source.startswith(prefix):
            return full + source.removeprefix(prefix)
    return os.path.expanduser(source)


def variables() -> dict[str, str]:
    """Return the environment, without variables that point git at another repository."""
    elsewhere = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")
    return {name: value for name, value in os.environ.items() if name not in elsewhere}


def runner() -> list[str]:
    """Return the command that installs the script's dependencies and runs it."""
    uv = os.environ.get("UV") or shutil.which("uv")
    return [uv, "run", "--quiet", "--no-project"] if uv else [sys.executable]


def run(command: list[str]) -> int:
    """Run a program to its end and return its exit code; Ctrl-C also reaches the program."""
    process = subprocess.Popen(command, cwd=PROJECT)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    sys.exit(main())
