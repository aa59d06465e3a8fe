"""For CI: push the branch that propose_update.py bundled, unless someone else has committed to it.

`python3 scripts/push_update.py FOLDER [PUSH OPTION...]` reads FOLDER/update.bundle in a fresh
checkout with its whole history, and the URL to push to, including its token, from the variable
REMOTE. Exit codes: 0 the branch is as bundled, 4 someone else has committed to it, and it was left
unchanged.
"""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
BRANCH = "template-update"
TRAILER = "Template-Update"
LEFT_ALONE = 4


def main() -> int:
    """Fetch both commits, compare them, and push."""
    folder, *options = sys.argv[1:]
    remote = os.environ["REMOTE"]
    git("fetch", "--quiet", str(Path(folder, "update.bundle")), f"refs/heads/{BRANCH}")
    proposed = git("rev-parse", "FETCH_HEAD")
    seen = git("ls-remote", remote, f"refs/heads/{BRANCH}").partition("\t")[0]
    if seen:
        git("fetch", "--quiet", remote, seen)
        others = of_others(seen, proposed)
        if others:
            print(f"{BRANCH} has commits by others and was left unchanged:", *others, sep="\n")
            return LEFT_ALONE
        if content(seen) == content(proposed):
            print(f"{BRANCH} already has this update.")
            return 0
    # Git rejects the push if someone has pushed since ls-remote.
    lease = f"--force-with-lease=refs/heads/{BRANCH}:{seen}"
    git("push", "--quiet", lease, *options, remote, f"{proposed}:refs/heads/{BRANCH}")
    return 0


def of_others(seen: str, proposed: str) -> list[str]:
    """Return the commits on the branch that are not from this job."""
    form = f"--format=%ce%x00%(trailers:key={TRAILER},valueonly,separator=%x2c)%x00%h %s"
    committer = git("show", "--no-patch", "--format=%ce", proposed)
    found = []
    for line in git("log", form, seen, "--not", f"{proposed}^").splitlines():
        email, trailer, described = line.split("\0", 2)
        if email != committer or not trailer:
            found.append(described)
    return found


def content(commit: str) -> str:
    """Return what a commit contains, and its parents."""
    return git("show", "--no-patch", "--format=%T %P", commit)


def git(*arguments: str) -> str:
    """Run git and return its output, or exit if it fails; git's messages go to standard error."""
    done = subprocess.run(["git", *arguments], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"git {arguments[0]} failed: see above.")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
