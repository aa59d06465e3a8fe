"""Replace `extensions["service..."]` lookups, used before 2.0.0, with imports from `core`."""

import ast

from .code import Code
from .imports import Module, statement_for

LIMITER, SETTINGS = "service.limiter", "service.settings"


def in_module(text: str, module: Module | None, package: str) -> str:
    """Return the rewritten text, or the original if the result would not be valid Python."""
    if f'["{LIMITER}"]' not in text and f'["{SETTINGS}"]' not in text:
        return text
    try:
        rewritten = _rewritten(text, module, package)
        ast.parse(rewritten)
    except (SyntaxError, ValueError):
        return text
    return rewritten


def _rewritten(text: str, module: Module | None, package: str) -> str:
    code, needed = Code(text.encode()), set[tuple[str, str]]()
    for node in ast.walk(ast.parse(text)):
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


def _place(key: str, app: str) -> tuple[str, str, str] | None:
    """Return the module that has the value now, the name to import and the new expression."""
    if key == repr(LIMITER):
        # An alias, because callers often assign this value to a variable named `limiter`.
        return "core.middleware.limiter", "limiter as route_limiter", "route_limiter"
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
