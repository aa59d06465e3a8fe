"""Rename `check` to `validate` in rows of the settings table, as 2.0.0 did."""

import ast

from .code import Code


def in_module(text: str) -> str:
    """Return the rewritten text, or the original if it is not valid Python."""
    if "setting(" not in text or "check=" not in text:
        return text
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return text
    code = Code(text.encode())
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "setting"):
            continue
        for keyword in node.keywords:
            if keyword.arg == "check":
                code.replace(keyword, b"validate=" + code.source(keyword.value))
    return code.text()
