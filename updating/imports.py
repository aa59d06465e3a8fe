"""Imports in a Python file, rewritten for modules that have another name."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .code import Code

FROM = re.compile(rb"(from\s+)[.\w\s]+?(\s+import\b)")
NAMED = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
)
COMMENT = re.compile(rb"#[^\r\n]*")


@dataclass(frozen=True)
class Module:
    """A module, as others import it."""

    name: str
    is_package: bool

    @property
    def package(self) -> str:
        """What its relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Imported:
    """One name of an import statement."""

    module: str  # that has it now
    name: str  # there
    bound: str  # in the file


@dataclass(frozen=True)
class Names:
    """What modules, and names in them, are called now, by what they were called."""

    new: dict[str, str]

    def in_text(self, text: str) -> str:
        """The text with each full name replaced, wherever it stands: code, strings, comments."""
        if not self.new:
            return text
        names = "|".join(map(re.escape, sorted(self.new, key=len, reverse=True)))
        return re.sub(rf"(?<![\w.])(?:{names})(?!\w)", lambda found: self.new[found[0]], text)

    def in_module(self, text: str, before: Module | None, after: Module | None) -> str:
        """A file's text with its imports for the new names, and for its own new place.

        A name that an import binds becomes the new one wherever the file uses it, unless it uses
        the new one for something else. What Python cannot read stays as it is.

        Raises:
            ValueError: the result would mean something else.
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
        raise ValueError("the result would mean something else")

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
                    code.replace(node, _statement(place, found, node.level, after))
        return code.text()

    def _bound(self, tree: ast.Module, place: Module | None) -> dict[str, str]:
        """New names by old ones, of what imports bind, where no other thing has either name."""
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
    """The names that a statement imports under no other name."""
    return {alias.name for alias in node.names if alias.asname is None}


def _imports(tree: ast.Module) -> set[str]:
    """The names that imports bind."""
    return {each.asname or each.name for each in ast.walk(tree) if isinstance(each, ast.alias)}


def _others(tree: ast.Module) -> Iterator[str]:
    """The names that something else than an import has: those that are assigned, too."""
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
    """The full name of what a statement imports from, where it can be known."""
    if not node.level:
        return node.module
    package = place.package.split(".") if place else []
    if node.level > len(package):
        return None
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


def _statement(
    place: tuple[bytes, bytes], found: list[Imported], level: int, module: Module | None
) -> bytes:
    """The import statement: as it was written, or one for each module."""
    written, separator = place
    modules: dict[str, list[str]] = {}
    for each in found:
        given = each.name if each.name == each.bound else f"{each.name} as {each.bound}"
        modules.setdefault(_named(each.module, level, module), []).append(given)
    if len(modules) == 1 and _names(written) in modules.values():
        (name,) = modules
        return FROM.sub(rb"\g<1>" + name.encode() + rb"\g<2>", written, count=1)
    lines = [f"from {name} import {', '.join(names)}" for name, names in modules.items()]
    return separator.join([*COMMENT.findall(written), *map(str.encode, lines)])


def statement_for(module: str, name: str, place: Module | None) -> str:
    """A statement that imports a name of a module into a file, relatively within a package."""
    return f"from {_named(module, 1, place)} import {name}"


def _names(statement: bytes) -> list[str]:
    """The names of an import statement, as one writes them."""
    return [
        ast.unparse(node) for node in ast.walk(ast.parse(statement)) if isinstance(node, ast.alias)
    ]


def _named(name: str, level: int, module: Module | None) -> str:
    """How a statement names a module: relatively, where it did before."""
    if not level or module is None:
        return name
    parts, here = name.split("."), module.package.split(".")
    common = 0
    while common < min(len(parts), len(here)) and parts[common] == here[common]:
        common += 1
    return "." * (len(here) - common + 1) + ".".join(parts[common:]) if common else name


def _meaning(text: str, bound: dict[str, str]) -> tuple[str, Counter[str]]:
    """The code but for imports, and the names that these bind; `bound` has others for some."""
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
