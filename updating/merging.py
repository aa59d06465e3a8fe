"""Merge the template's changes into the project as its owner has it."""

import os
from collections import defaultdict
from dataclasses import dataclass, replace

from .repository import GONE, Blob, Repository

BASE, YOURS, TEMPLATES = "1", "2", "3"  # git's stage numbers


@dataclass(frozen=True)
class Merge:
    """The three trees of a merge and their result, all in one repository.

    Files that the template has moved are at their new paths in each of them except `original`.
    """

    repository: Repository
    original: str  # the project as its owner has it, before any move
    base: str  # as the template originally rendered it
    yours: str  # as its owner has it, after the moves
    templates: str  # as the template renders it now
    result: str
    conflicts: dict[str, dict[str, Blob]]  # by path and stage

    def of_stages(self, *stages: str) -> list[str]:
        """Return the paths whose conflicts involve exactly these stages."""
        return sorted(path for path, found in self.conflicts.items() if {*found} == {*stages})

    @property
    def collisions(self) -> list[str]:
        """Files that both sides added with different content."""
        return self.of_stages(YOURS, TEMPLATES)

    @property
    def dropped(self) -> list[str]:
        """Files that the template no longer has, but the owner has edited or moved."""
        return sorted(path for path, found in self.conflicts.items() if TEMPLATES not in found)

    @property
    def missing(self) -> list[str]:
        """Files that the template has changed, but the owner no longer has."""
        return sorted(path for path, found in self.conflicts.items() if YOURS not in found)

    @property
    def moved(self) -> dict[str, str]:
        """Old paths by new path, for files that the owner moved and the template changed."""
        changed = set(self.repository.changes(self.base, self.templates))
        renames = self.repository.renames(self.base, self.yours)
        return {new: old for new, old in renames.items() if old in changed}

    @property
    def rewritten(self) -> list[str]:
        """The owner's files whose imports were rewritten for modules that the template moved."""
        base, yours = (self.repository.tree(tree) for tree in (self.base, self.yours))
        changed = self.repository.changes(self.original, self.yours)
        return sorted(path for path in changed if path in yours and yours[path] != base.get(path))

    def without(self, paths: list[str]) -> "Merge":
        """Return this merge without these paths in its result and conflicts."""
        changes = dict.fromkeys(paths, GONE)
        return replace(
            self,
            result=self.repository.changed_tree(self.result, changes),
            conflicts={
                path: found for path, found in self.conflicts.items() if path not in changes
            },
        )


def merge(repository: Repository, base: str, yours: str, templates: str) -> Merge:
    """Merge with git, which detects files that either side has moved."""
    root = _commit(repository, base)
    for branch, tree in (("yours", yours), ("template", templates)):
        repository.run("update-ref", f"refs/heads/{branch}", _commit(repository, tree, root))
    command = ("merge-tree", "--write-tree", "--no-messages", "-z", "yours", "template")
    done = repository.attempt(*command)
    if done.returncode > 1:
        repository.run(*command)  # raises Stop with git's message
    result, *lines = os.fsdecode(done.stdout).split("\0")
    conflicts: dict[str, dict[str, Blob]] = defaultdict(dict)
    for line in filter(None, lines):
        described, _, path = line.partition("\t")
        mode, blob, stage = described.split()
        conflicts[path][stage] = (mode, blob)
    return Merge(repository, yours, base, yours, templates, result, dict(conflicts))


def _commit(repository: Repository, tree: str, *parents: str) -> str:
    named = [f"-p{parent}" for parent in parents]
    return repository.text("commit-tree", *named, "-m", "Merge", tree)
