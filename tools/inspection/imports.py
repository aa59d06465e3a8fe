"""Check that every import resolves, and that every module is imported or named somewhere."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .tree import texts

# Modules whose distribution has another name, or that come with a declared dependency.
PROVIDERS = {"alembic": "flask-migrate", "click": "flask", "dotenv": "environs"}
BROUGHT_BY_COMMANDS = {"nox"}  # `uvx nox`

# Files that programs find by their path. Alembic finds every revision.
ROOTS = ("wsgi.py", "noxfile.py", "migrations/env.py")
REVISIONS = "migrations/versions/"
# Folders of which a registry imports every module.
REGISTERED = ("doctor/checks", "doctor/faults")

Modules = dict[str, str]
Import = ast.Import | ast.ImportFrom


def faults(project: Path) -> list[str]:
    """Broken imports and unused modules, one per line."""
    everything = dict(texts(project))
    modules = {name: text for name, text in everything.items() if name.endswith(".py")}
    declared = _declared(everything["pyproject.toml"]) | BROUGHT_BY_COMMANDS
    found = []
    for name, text in modules.items():
        for node in _imports(text):
            said = _missing(name, node, modules, declared)
            found += [f"{name}:{node.lineno}: {fault}" for fault in said]
    return found + [f"{name}: nothing uses this module" for name in _unused(everything)]


def _declared(pyproject: str) -> set[str]:
    table = tomllib.loads(pyproject)
    requirements = table["project"]["dependencies"] + table["dependency-groups"]["dev"]
    return {re.split(r"[\[<>=~!; ]", requirement)[0].lower() for requirement in requirements}


# Many renders contain the same text, so parse it once.
@cache
def _imports(text: str) -> list[Import]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, Import)]


@cache
def _names(text: str) -> set[str]:
    """The names that a module defines or imports outside of its functions and classes."""
    names: set[str] = set()
    to_visit: list[ast.AST] = list(ast.parse(text).body)
    while to_visit:
        node = to_visit.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, Import):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name):
            names.add(node.id)
        to_visit += ast.iter_child_nodes(node)
    return names


@cache
def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _missing(name: str, node: Import, modules: Modules, declared: set[str]) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and node.level:
        yield from _missing_relative(name, node, modules)
        return
    named = [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
    for module in named:
        if module and not _is_there(module, modules, declared):
            yield f"{module} is not a dependency"


def _missing_relative(name: str, node: ast.ImportFrom, modules: Modules) -> Iterator[str]:
    source = Path(name).parents[node.level - 1].joinpath(*(node.module or "").split("."))
    file = _file(source.as_posix(), modules)
    if file is None:
        yield f"there is no module {source}"
        return
    for alias in node.names:
        if alias.name not in _names(modules[file]) and not _file(f"{source}/{alias.name}", modules):
            yield f"{file} has no {alias.name}"


def _is_there(module: str, modules: Modules, declared: set[str]) -> bool:
    root = module.partition(".")[0]
    for folder in ("", "src/"):
        if _file(f"{folder}{root}", modules):
            return _file(folder + module.replace(".", "/"), modules) is not None
    distribution = PROVIDERS.get(root, root.replace("_", "-"))
    return root in sys.stdlib_module_names or distribution in declared


def _file(module: str, modules: Modules) -> str | None:
    """The file of a module, whose name is written with slashes."""
    names = (f"{module}.py", f"{module}/__init__.py")
    return next((name for name in names if name in modules), None)


def _unused(everything: Modules) -> Iterator[str]:
    """Modules whose name appears in no other file, except for the roots."""
    for name in everything:
        path = Path(name)
        if path.suffix != ".py" or name in ROOTS or name.startswith(REVISIONS):
            continue
        if path.name.startswith(("test_", "__init__", "conftest")):
            continue
        if path.parent.as_posix().endswith(REGISTERED):
            continue
        others = (text for other, text in everything.items() if other != name)
        if not any(path.stem in _words(text) for text in others):
            yield name
