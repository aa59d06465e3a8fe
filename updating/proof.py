"""Prove that a merge lost nothing, by comparing lines instead of trusting git's merge."""

from collections import Counter

from .errors import Stop
from .merging import Merge
from .repository import Tree


def prove(merge: Merge) -> None:
    """Compare each of the owner's files with its merged version, line by line.

    Lines that the owner added must still be there, and lines that they removed must not be back. A
    file with conflicts holds both sides, so only its lost lines are checked.

    Raises:
        Stop: a line or a file is lost.
    """
    repository = merge.repository
    yours, result = repository.tree(merge.yours), repository.tree(merge.result)
    base, templates = repository.tree(merge.base), repository.tree(merge.templates)
    moved_by_owner = repository.renames(merge.base, merge.yours)
    moved_by_template = _inverted(repository.renames(merge.base, merge.templates))
    moved_in_merge = _inverted(repository.renames(merge.yours, merge.result))
    lost = []
    for path, blob in yours.items():
        origin = moved_by_owner.get(path, path)
        if base.get(origin) == blob:
            continue  # the owner did not edit it
        place = path if path in result else moved_in_merge.get(path, path)
        if place not in result:
            lost.append(path)
        elif result[place] != blob:
            theirs = moved_by_template.get(origin, origin)
            if not _keeps(
                _lines(merge, base, origin),
                _lines(merge, templates, theirs),
                _lines(merge, yours, path),
                _lines(merge, result, place),
                place in merge.conflicts,
            ):
                lost.append(path)
    if lost:
        raise Stop(
            f"The merge would lose your edits in {', '.join(lost)}: please report this, with each"
            " file as it is now and as the template renders it with your answers."
        )


def _keeps(
    base: Counter[bytes],
    templates: Counter[bytes],
    yours: Counter[bytes],
    merged: Counter[bytes],
    has_conflicts: bool,
) -> bool:
    """Return whether lines occur as often as in `yours`, give or take the template's changes."""
    for line in base | templates | yours | merged:
        added = templates[line] - base[line]
        if merged[line] < yours[line] + min(0, added):
            return False
        if not has_conflicts and merged[line] > yours[line] + max(0, added):
            return False
    return True


def _lines(merge: Merge, tree: Tree, path: str) -> Counter[bytes]:
    if path not in tree:
        return Counter()
    return Counter(merge.repository.content(tree[path][1]).split(b"\n"))


def _inverted(renames: dict[str, str]) -> dict[str, str]:
    return {old: new for new, old in renames.items()}
