# /// script
# requires-python = ">=3.11"
# dependencies = ["copier>=9.19,<10"]
# ///
"""For CI: update on the branch `template-update`, test, and write what a pull request says.

`uv run scripts/propose_update.py FOLDER` writes FOLDER/title and FOLDER/body.md, where there is
something to propose. Exit codes: 0 proposed or nothing new, 1 stopped before anything was
written, 3 proposed, but with conflicts or failing tests: for a person to look at.
"""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
UPDATE = [sys.executable, "scripts/update.py"]
TESTS = ["uvx", "nox"]
BRANCH = "template-update"
CONFLICTS = 3
SHOWN_LINES = 40


def main() -> int:
    """Update, test, commit, describe."""
    updated = run(UPDATE)
    print(updated.stdout, updated.stderr, sep="")
    if updated.returncode not in (0, CONFLICTS) or not changed():
        return updated.returncode
    title, _, body = updated.stdout.partition("\n")
    failed = False
    if updated.returncode == CONFLICTS:
        title = f"Conflicts: {title[0].lower()}{title[1:]}"
        body = f"{body}\nThe tests were not run.\n"
    else:
        tests = run(TESTS)
        failed = tests.returncode != 0
        body = f"{body}\n{described(tests)}"
    git("switch", "--quiet", "--force-create", BRANCH)
    git("add", "--all")
    git("commit", "--quiet", "--no-verify", f"--message={title}", f"--message={body}")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "title").write_text(f"{title}\n", encoding="utf-8")
    (folder / "body.md").write_text(body.lstrip("\n"), encoding="utf-8")
    return CONFLICTS if failed or updated.returncode else 0


def changed() -> bool:
    """Whether the update did anything."""
    return bool(git("status", "--porcelain"))


def described(tests: subprocess.CompletedProcess[str]) -> str:
    """How the tests ended, and their last words where they failed."""
    if tests.returncode == 0:
        return f"`{' '.join(TESTS)}` passes.\n"
    last = "\n".join((tests.stdout + tests.stderr).splitlines()[-SHOWN_LINES:])
    return f"`{' '.join(TESTS)}` fails:\n\n```text\n{last}\n```\n"


def git(*arguments: str) -> str:
    """Run git, which has to succeed."""
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program, whose failure is an answer."""
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main())
