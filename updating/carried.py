"""Replace what `create_app` carried before 2.0.0 with imports from `core`.

These are the `extensions["service..."]` lookups, and the variable `limiter` of `create_app`.
"""

import ast
import re

from .code import Code
from .statements import Module, statement_for

LIMITER, SETTINGS = "service.limiter", "service.settings"
VARIABLE = "limiter"
SETS_VARIABLE = re.compile(rf"{VARIABLE} = (rate_)?limits\.init_app\(").match
LIMITER_MODULE = "core.middleware.limiter"


def in_module(text: str, module: Module | None, package: str) -> str:
    """Return the rewritten text, or the original if the result would not be valid Python."""
    if VARIABLE not in text and f'["{SETTINGS}"]' not in text:
        return text
    try:
        rewritten = _rewritten(text, module, package)
        ast.parse(rewritten)
    except (SyntaxError, ValueError):
        return text
    return rewritten


def _rewritten(text: str, module: Module | None, package: str) -> str:
    code, needed = Code(text.encode()), set[tuple[str, str]]()
    tree = ast.parse(text)
    if module and module.name == package and _uses_variable_of_the_factory(tree):
        needed.add((f"{package}.{LIMITER_MODULE}", VARIABLE))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)):
            continue
        key, owner = node.slice, node.value
        if not (isinstance(owner, ast.Attribute) and owner.attr == "extensions"):
            continue
        found = _place(ast.unparse(key), ast.unparse(owner.value))
        if found:
            name, imported, written = found
            code.replace(node, written.encode())
            needed.add((f"{package}.{name}", imported))
    statements = [statement_for(*each, module).encode() for each in sorted(needed)]
    return _with_imports(code.text(), statements) if statements else text


def _uses_variable_of_the_factory(tree: ast.Module) -> bool:
    """Whether `limiter = limits.init_app(...)` is used, other than by the template's own line."""
    nodes = list(ast.walk(tree))
    is_set = any(
        isinstance(node, ast.Assign) and SETS_VARIABLE(ast.unparse(node)) for node in nodes
    )
    own = [
        argument
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "health.init_app"
        for argument in node.args
    ]
    return is_set and any(
        isinstance(node, ast.Name)
        and node.id == VARIABLE
        and isinstance(node.ctx, ast.Load)
        and node not in own
        for node in nodes
    )


def _place(key: str, app: str) -> tuple[str, str, str] | None:
    """Return the module that has the value now, the name to import and the new expression."""
    if key == repr(LIMITER):
        # An alias, because callers often assign this value to a variable named `limiter`.
        return LIMITER_MODULE, "limiter as route_limiter", "route_limiter"
    if key == repr(SETTINGS) and app == "current_app":
        return "core.service", "current_service", "current_service().settings"
    if key == repr(SETTINGS):
        return "core.service", "service_of", f"service_of({app}).settings"
    return None


def _with_imports(text: str, statements: list[bytes]) -> str:
    """Insert the statements after the first imports of a file, or else after its docstring."""
    code, body = Code(text.encode()), ast.parse(text).body
    start = 1 if ast.get_docstring(ast.parse(text)) is not None else 0
    end = start
    while end < len(body) and isinstance(body[end], ast.Import | ast.ImportFrom):
        end += 1
    place = body[max(end - 1, 0)]
    written, separator = code.place(place)
    lines = [written, *statements] if end else [*statements, written]
    code.replace(place, separator.join(lines))
    return code.text()
