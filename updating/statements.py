"""Write import statements for names whose modules have been renamed."""

import ast
import re
from dataclasses import dataclass

FROM = re.compile(rb"(from\s+)[.\w\s]+?(\s+import\b)")
COMMENT = re.compile(rb"#[^\r\n]*")


@dataclass(frozen=True)
class Module:
    """A module, by the name that other modules import."""

    name: str
    is_package: bool

    @property
    def package(self) -> str:
        """The package that its relative imports are resolved against."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Imported:
    """One name in an import statement."""

    module: str  # where the name is now
    name: str  # in that module
    bound: str  # in the importing file


def statement(
    place: tuple[bytes, bytes], found: list[Imported], level: int, module: Module | None
) -> bytes:
    """Return the import statement with its module replaced, or one new statement per module."""
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
    """Return a statement that imports a name from a module, relatively within the same package."""
    return f"from {_named(module, 1, place)} import {name}"


def _names(statement: bytes) -> list[str]:
    """Return the names in an import statement as they are written, aliases included."""
    return [
        ast.unparse(node) for node in ast.walk(ast.parse(statement)) if isinstance(node, ast.alias)
    ]


def _named(name: str, level: int, module: Module | None) -> str:
    """Return a module's name as an import writes it: relative if the import was relative before."""
    if not level or module is None:
        return name
    parts, here = name.split("."), module.package.split(".")
    common = 0
    while common < min(len(parts), len(here)) and parts[common] == here[common]:
        common += 1
    return "." * (len(here) - common + 1) + ".".join(parts[common:]) if common else name
