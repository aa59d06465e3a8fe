# /// script
# requires-python = ">=3.11"
# ///
"""For CI: update, test, and bundle a commit on `template-update` with a pull request's text.

`uv run scripts/propose_update.py FOLDER` writes FOLDER/title, FOLDER/body.md and
FOLDER/update.bundle, if there is something to propose. It runs code of the new version, so there
must be no token where it runs, and push_update.py runs elsewhere. Exit codes: 0 proposed or nothing
new, 1 stopped before anything was written, 3 proposed, but with conflicts or failing tests.
"""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
UPDATE = [sys.executable, "scripts/update.py"]
LOCK = ["uv", "lock", "--quiet"]
TESTS = ["uvx", "nox"]
BRANCH = "template-update"
TRAILER = "Template-Update: scheduled"  # push_update.py recognizes its own commits by this
LOOK = 3
SHOWN_LINES = 40


def main() -> int:
    """Update, test, commit and describe."""
    updated = run(UPDATE)
    print(updated.stdout, updated.stderr, sep="")
    if updated.returncode not in (0, LOOK) or not git("diff", "--cached", "--name-only"):
        return updated.returncode
    title, _, body = updated.stdout.partition("\n")
    conflicts = git("diff", "--name-only", "--diff-filter=U")
    tree = staged(conflicts)
    failed = False
    if conflicts:
        title = f"Conflicts: {title[0].lower()}{title[1:]}"
        body = f"{body}\nThe tests were not run.\n"
    else:
        tests = run(TESTS)
        failed = tests.returncode != 0
        body = f"{body}\n{described(tests)}"
    write(Path(sys.argv[1]), tree, title, body.lstrip("\n"))
    return LOOK if failed or updated.returncode else 0


def staged(conflicts: str) -> str:
    """Return the tree to commit, without anything that the tests leave behind."""
    if conflicts:
        git("add", "--update")
    elif git("ls-files", "uv.lock"):
        run(LOCK)
        git("add", "uv.lock")
    return git("write-tree").strip()


def described(tests: subprocess.CompletedProcess[str]) -> str:
    """Describe how the tests ended, with the last lines of their output if they failed."""
    if tests.returncode == 0:
        return f"`{' '.join(TESTS)}` passes.\n"
    last = "\n".join((tests.stdout + tests.stderr).splitlines()[-SHOWN_LINES:])
    return f"`{' '.join(TESTS)}` fails:\n\n```text\n{last}\n```\n"


def write(folder: Path, tree: str, title: str, body: str) -> None:
    """Commit the tree on the branch, and write files for push_update.py and the pull request."""
    paragraphs = [f"-m{text}" for text in (title, body, TRAILER)]
    commit = git("commit-tree", "-p", "HEAD", *paragraphs, tree).strip()
    git("update-ref", f"refs/heads/{BRANCH}", commit)
    folder.mkdir(parents=True, exist_ok=True)
    git("bundle", "create", "--quiet", str(folder / "update.bundle"), f"HEAD..{BRANCH}")
    (folder / "title").write_text(f"{title}\n", encoding="utf-8")
    (folder / "body.md").write_text(body, encoding="utf-8")


def git(*arguments: str) -> str:
    """Run git and return its output; raise an exception if it fails."""
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program, which may fail: the caller reads its exit code."""
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
