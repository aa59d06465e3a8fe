"""Rewrite the imports of a Python file for modules that have been renamed."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .code import Code
from .statements import Imported, Module, statement

NAMED = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
)


@dataclass(frozen=True)
class Names:
    """New names of modules, and of names in them, by old name."""

    new: dict[str, str]

    def in_text(self, text: str) -> str:
        """Replace each full name anywhere in the text: in code, strings and comments."""
        if not self.new:
            return text
        names = "|".join(map(re.escape, sorted(self.new, key=len, reverse=True)))
        return re.sub(rf"(?<![\w.])(?:{names})(?!\w)", lambda found: self.new[found[0]], text)

    def in_module(self, text: str, before: Module | None, after: Module | None) -> str:
        """Rewrite a file's imports for the new names, and for the file's own new path.

        A name that an import binds is renamed wherever the file uses it, unless the file uses the
        new name for something else. Text that is not valid Python is returned unchanged.

        Raises:
            ValueError: the result would not mean the same.
        """
        named = self.in_text(text)
        try:
            tree = ast.parse(named)
        except (SyntaxError, ValueError):
            return text
        for bound in (self._bound(tree, before), {}):
            rewritten = self._rewritten(named, tree, before, after, bound)
            if _meaning(named, bound) == _meaning(rewritten, {}):
                return rewritten
        raise ValueError("the result would not be equivalent")

    def _rewritten(
        self,
        text: str,
        tree: ast.Module,
        before: Module | None,
        after: Module | None,
        bound: dict[str, str],
    ) -> str:
        code = Code(text.encode())
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in bound:
                code.replace(node, bound[node.id].encode())
            elif isinstance(node, ast.ImportFrom):
                found = list(self._imported(node, before, bound))
                if found:
                    place = code.place(node)
                    code.replace(node, statement(place, found, node.level, after))
        return code.text()

    def _bound(self, tree: ast.Module, place: Module | None) -> dict[str, str]:
        """Map old to new names that imports bind, where nothing else in the file uses them."""
        wanted = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                for imported in self._imported(node, place, {}):
                    if imported.bound != imported.name and imported.bound in _plain(node):
                        wanted[imported.bound] = imported.name
        taken = Counter(
            [*_others(tree), *(new for new in wanted.values() if new in _imports(tree))]
        )
        return {old: new for old, new in wanted.items() if not taken[old] and not taken[new]}

    def _imported(
        self, node: ast.ImportFrom, place: Module | None, bound: dict[str, str]
    ) -> Iterator[Imported]:
        source = _source(node, place)
        for alias in node.names if source else ():
            binds = alias.asname or bound.get(alias.name, alias.name)
            renamed = self.new.get(f"{source}.{alias.name}")
            if renamed:
                module, _, name = renamed.rpartition(".")
                yield Imported(module, name, binds)
            else:
                yield Imported(self.new.get(str(source), str(source)), alias.name, binds)


def _plain(node: ast.ImportFrom) -> set[str]:
    """Return the names that a statement imports without an alias."""
    return {alias.name for alias in node.names if alias.asname is None}


def _imports(tree: ast.Module) -> set[str]:
    """Return the names that imports bind."""
    return {each.asname or each.name for each in ast.walk(tree) if isinstance(each, ast.alias)}


def _others(tree: ast.Module) -> Iterator[str]:
    """Yield the names that anything other than an import binds, including assignments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, NAMED) and node.name:
            yield node.name
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names


def _source(node: ast.ImportFrom, place: Module | None) -> str | None:
    """Return the full name of the module that a statement imports from, or None if unknown."""
    if not node.level:
        return node.module
    package = place.package.split(".") if place else []
    if node.level > len(package):
        return None
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


def _meaning(text: str, bound: dict[str, str]) -> tuple[str, Counter[str]]:
    """Return the code without `from` imports, and the names they bind, both renamed by `bound`."""
    tree, names = ast.parse(text), Counter[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = bound.get(node.id, node.id)
        for _, body in ast.iter_fields(node):
            if isinstance(body, list):
                imports = [each for each in body if isinstance(each, ast.ImportFrom)]
                for alias in (name for each in imports for name in each.names):
                    names[alias.asname or bound.get(alias.name, alias.name)] += 1
                body[:] = [each for each in body if each not in imports]
    return ast.dump(tree), names
