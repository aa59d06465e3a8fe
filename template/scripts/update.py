# /// script
# requires-python = ">=3.11"
# dependencies = ["copier>=9.19,<10"]
# ///
"""Update this project from its template, or change answers: `uv run scripts/update.py`.

The update is tried in a clone first, so that nothing is written while an edited file would go.
Exit codes: 0 updated or nothing new, 1 stopped before anything was written, 3 conflicts to mend.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ANSWERS = ".copier-answers.yml"
STOPPED, CONFLICTS = 1, 3
MARKS = "^(<<<<<<< before updating|>>>>>>> after updating)$"
HEADING = re.compile(r"^## \[v?(\d+\.\d+\.\d+)\].*$", re.MULTILINE)
ALIASES = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/", "git+": ""}
ABSOLUTE = re.compile(r"[/~]|[\w+.-]+(:|@)")
KIND = re.compile(r"^### (.+)$", re.MULTILINE)


class Stop(Exception):
    """What is wrong and what to do, in a sentence."""


def main() -> int:
    """Check, try, update, look for conflicts, and say what has changed."""
    options = arguments()
    try:
        if git("status", "--porcelain"):
            raise Stop("There are changes that are not committed: commit or stash them first.")
        with tempfile.TemporaryDirectory(prefix="update-") as folder:
            before, after = version(PROJECT), tried(Path(folder), options)
        if after is None:
            print(f"Nothing to do: this project is at {before}.")
            return 0
        copier(PROJECT, *update(options))
    except Stop as stop:
        print(stop, file=sys.stderr)
        return STOPPED
    conflicts = unmerged()
    print(described(before, after, options.data, conflicts))
    return CONFLICTS if conflicts else 0


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description="Update this project from its template.")
    data = "change an answer (question=answer), and stay on the template's version"
    parser.add_argument("-d", "--data", action="append", default=[], help=data)
    parser.add_argument("--anyway", action="store_true", help="even if edited files go")
    parser.add_argument("--trust", action="store_true", help="run what the CHANGELOG says needs it")
    return parser.parse_args()


def update(options: argparse.Namespace) -> list[str]:
    """The arguments of copier."""
    chosen = [f"--data={answer}" for answer in options.data]
    chosen += ["--vcs-ref=:current:"] if options.data else []
    return ["update", "--defaults", *chosen, *(["--trust"] if options.trust else [])]


def tried(folder: Path, options: argparse.Namespace) -> str | None:
    """The version that an update leads to, tried in a clone; None where nothing would change.

    Raises:
        Stop: copier refuses, or edited files would go.
    """
    if not ABSOLUTE.match(recorded(PROJECT, "_src_path")):
        raise Stop(f"_src_path in {ANSWERS} is a relative path: write a URL or an absolute one.")
    top = Path(git("rev-parse", "--show-toplevel").strip())
    git("clone", "--quiet", str(top), str(folder / "clone"))
    clone = folder / "clone" / PROJECT.relative_to(top)
    copier(clone, *update(options))
    if not git("status", "--porcelain", folder=clone):
        return None
    gone = git("ls-files", "--deleted", "-z", folder=clone).split("\0")[:-1]
    edited = [name for name in gone if is_edited(name, rendered(folder))]
    if edited and not options.anyway:
        listed = "".join(f"  {name}\n" for name in edited)
        raise Stop(
            f"These files have edits of yours, and would go:\n{listed}"
            "Move what you need into files of your own, or go on with --anyway."
        )
    return version(clone)


def rendered(folder: Path) -> Path:
    """This project as the template once rendered it, with the answers of now."""
    place = folder / "rendered"
    if not place.exists():
        answers = f"--data-file={PROJECT / ANSWERS}"
        told = ["--defaults", f"--vcs-ref={version(PROJECT)}", answers]
        copier(folder, "copy", *told, recorded(PROJECT, "_src_path"), str(place))
    return place


def is_edited(name: str, old: Path) -> bool:
    """Whether a file differs from what was rendered."""
    return not (old / name).is_file() or (old / name).read_bytes() != (PROJECT / name).read_bytes()


def unmerged() -> list[str]:
    """The files with conflicts: unmerged paths, conflict marks, rejected hunks."""
    files = git("diff", "--name-only", "--diff-filter=U", "--relative").splitlines()
    files += git("ls-files", "--others", "--exclude=.venv", "*.rej").splitlines()
    command = ["git", "grep", "--untracked", "-lE", MARKS]  # 1: none found
    files += subprocess.run(command, cwd=PROJECT, capture_output=True, text=True).stdout.split("\n")
    return sorted({*files} - {""})


def described(before: str, after: str, data: list[str], conflicts: list[str]) -> str:
    """Title and text of the change, as a pull request shows them."""
    changes = {} if data else changelog(before, after)
    title = f"Update the template from {before} to {after}"
    if data:
        title = f"Change {', '.join(data)}"
    if "Security" in changes:
        title = f"Security: {title[0].lower()}{title[1:]}"
    lines = [title]
    if conflicts:
        lines += ["", "Conflicts: choose between the marks in each file, then `git add` it."]
        lines += [f"- `{name}`" for name in conflicts]
    for kind, entries in changes.items():
        lines += ["", f"## {kind}", "", *entries]
    return "\n".join(lines)


def changelog(before: str, after: str) -> dict[str, list[str]]:
    """What the template's CHANGELOG says between two versions, by kind, "Security" first."""
    with tempfile.TemporaryDirectory(prefix="template-") as folder:
        try:
            git("clone", "--quiet", "--no-checkout", url(recorded(PROJECT, "_src_path")), folder)
            text = git("show", f"{after}:CHANGELOG.md", folder=Path(folder))
        except Stop:
            return {"Changes": ["The template's CHANGELOG could not be read."]}
    found: dict[str, list[str]] = {"Security": []}
    parts = HEADING.split(text)
    for number, section in zip(parts[1::2], parts[2::2], strict=True):
        if order(before) < order(number) <= order(after):
            first, *kinds = KIND.split(section)
            pairs = [("Changes", first), *zip(kinds[::2], kinds[1::2], strict=True)]
            for kind, entries in pairs:
                found.setdefault(kind, []).extend(entries.strip().splitlines())
    return {kind: entries for kind, entries in found.items() if entries}


def order(version: str) -> tuple[int, ...]:
    """What versions are sorted by: 1.2.3 of v1.2.3 or v1.2.3-4-gabcdef0."""
    return tuple(map(int, re.findall(r"\d+", version.partition("-")[0])))


def url(source: str) -> str:
    """What git understands of the address that copier was given."""
    for prefix, full in ALIASES.items():
        if source.startswith(prefix):
            return full + source.removeprefix(prefix)
    return source


def version(project: Path) -> str:
    """The template's version that a project was last rendered from."""
    return recorded(project, "_commit")


def recorded(project: Path, name: str) -> str:
    """A value among the answers."""
    file = project / ANSWERS
    found = re.search(rf"^{name}: (.+)$", file.read_text("utf-8") if file.exists() else "", re.M)
    if found is None:
        raise Stop(f"{ANSWERS} has no {name}: this project was not made by copier from git.")
    return found[1].strip("'\"")


def git(*arguments: str, folder: Path = PROJECT) -> str:
    """Run git, and give what it printed."""
    return run(["git", *arguments], folder)


def copier(folder: Path, *arguments: str) -> None:
    """Run copier; it asks nothing."""
    run([sys.executable, "-m", "copier", *arguments[:1], "--quiet", *arguments[1:]], folder)


def run(command: list[str], folder: Path) -> str:
    """Run a program, and give what it printed.

    Raises:
        Stop: with its last line.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["It said nothing."]
        raise Stop(f"{' '.join(command[:1] if command[0] == 'git' else ['copier'])}: {said[-1]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
