"""Releases, derived from the git history: each commit that raised `version` in pyproject.toml.

`python -m tools.releases FOLDER` lists releases without a tag, and writes their notes to FOLDER.
"""

import re
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .render import ROOT, VERSION, git

NO_RELEASE = "0.0.0"
HEADING = re.compile(r"^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)
NOT_THE_TEMPLATE = shutil.ignore_patterns(
    ".git", ".nox", ".uv", ".venv", ".cache", "__pycache__", ".*_cache", ".hypothesis"
)


@dataclass(frozen=True)
class Release:
    """A version, and the commit that introduced it."""

    version: str
    commit: str

    @property
    def tag(self) -> str:
        return f"v{self.version}"


def releases(repository: Path = ROOT) -> list[Release]:
    """The releases in the history of `repository`, oldest first. Empty without a history."""
    if not (repository / ".git").exists():
        return []
    touched = git(repository, "log", "--reverse", "--format=%H", "HEAD", "--", "pyproject.toml")
    found: dict[str, Release] = {}
    for sha in touched.split():
        pyproject = tomllib.loads(git(repository, "show", f"{sha}:pyproject.toml"))
        version = pyproject["project"]["version"]
        if version != NO_RELEASE:
            found.setdefault(version, Release(version, sha))
    return sorted(found.values(), key=lambda release: order(release.version))


def order(version: str) -> tuple[int, ...]:
    """The sort key of a version."""
    return tuple(map(int, version.split(".")))


def is_shallow(repository: Path = ROOT) -> bool:
    """Whether the history is truncated, so that releases may be missing."""
    return git(repository, "rev-parse", "--is-shallow-repository").strip() == "true"


def clone_template(folder: Path) -> Path:
    """Clone the repository, tag each release, and tag the working tree as the newest one."""
    clone = folder / "template"
    if (ROOT / ".git").exists():
        git(folder, "clone", "--quiet", "--no-checkout", "--no-tags", str(ROOT), str(clone))
    else:
        git(folder, "init", "--quiet", str(clone))
    shutil.copytree(ROOT, clone, symlinks=True, ignore=NOT_THE_TEMPLATE, dirs_exist_ok=True)
    for release in releases(clone):
        git(clone, "tag", release.tag, release.commit)
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "--no-verify", "--allow-empty", "-m", "The working tree")
    git(clone, "tag", VERSION)
    return clone


def changelog(text: str) -> dict[str, tuple[str, str]]:
    """Each version of a CHANGELOG, newest first, with its date and its section."""
    _, *parts = HEADING.split(text)
    rows = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return {version: (date or "", section.strip()) for version, date, section in rows}


def untagged(repository: Path, notes: Path) -> list[Release]:
    """The releases without a tag. Writes their sections of the CHANGELOG to the folder `notes`."""
    tags = git(repository, "tag").split()
    found = [release for release in releases(repository) if release.tag not in tags]
    told = changelog((repository / "CHANGELOG.md").read_text(encoding="utf-8"))
    for release in found:
        _, section = told[release.version]
        (notes / f"{release.tag}.md").write_text(f"{section}\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    for release in untagged(ROOT, Path(sys.argv[1])):
        print(release.tag, release.commit)
