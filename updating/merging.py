"""The merge of an update: what the template changed, applied to the project as its owner has it."""

import os
from collections import defaultdict
from dataclasses import dataclass, replace

from .repository import GONE, Blob, Repository

BASE, YOURS, TEMPLATES = "1", "2", "3"  # stages, as git numbers them


@dataclass(frozen=True)
class Merge:
    """Three trees and the one that comes of them, in a repository that holds all of them.

    What the template has moved is at its new place in each of them.
    """

    repository: Repository
    original: str  # as its owner has it, before any move
    base: str  # as the template once rendered it
    yours: str  # as its owner has it
    templates: str  # as the template renders it now
    result: str
    conflicts: dict[str, dict[str, Blob]]  # by path, a file for each stage

    def of_stages(self, *stages: str) -> list[str]:
        """The paths with conflicts between just these."""
        return sorted(path for path, found in self.conflicts.items() if {*found} == {*stages})

    @property
    def collisions(self) -> list[str]:
        """What both have added, with other content."""
        return self.of_stages(YOURS, TEMPLATES)

    @property
    def dropped(self) -> list[str]:
        """What the template has no more, and its owner has edited or moved."""
        return sorted(path for path, found in self.conflicts.items() if TEMPLATES not in found)

    @property
    def missing(self) -> list[str]:
        """What the template has changed, and its owner has no more."""
        return sorted(path for path, found in self.conflicts.items() if YOURS not in found)

    @property
    def moved(self) -> dict[str, str]:
        """Old path by new one, of what its owner moved and the template has changed."""
        changed = set(self.repository.changes(self.base, self.templates))
        renames = self.repository.renames(self.base, self.yours)
        return {new: old for new, old in renames.items() if old in changed}

    @property
    def rewritten(self) -> list[str]:
        """The owner's files whose imports follow what the template has moved."""
        base, yours = (self.repository.tree(tree) for tree in (self.base, self.yours))
        changed = self.repository.changes(self.original, self.yours)
        return sorted(path for path in changed if path in yours and yours[path] != base.get(path))

    def without(self, paths: list[str]) -> "Merge":
        """The same merge, these paths left out of its result."""
        changes = dict.fromkeys(paths, GONE)
        return replace(
            self,
            result=self.repository.changed_tree(self.result, changes),
            conflicts={
                path: found for path, found in self.conflicts.items() if path not in changes
            },
        )


def merge(repository: Repository, base: str, yours: str, templates: str) -> Merge:
    """Merge with git, which follows files that either side has moved."""
    root = _commit(repository, base)
    for branch, tree in (("yours", yours), ("template", templates)):
        repository.run("update-ref", f"refs/heads/{branch}", _commit(repository, tree, root))
    command = ("merge-tree", "--write-tree", "--no-messages", "-z", "yours", "template")
    done = repository.attempt(*command)
    if done.returncode > 1:
        repository.run(*command)  # raises, with what it said
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
