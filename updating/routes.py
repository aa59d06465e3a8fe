"""Rewrite routes of projects from before 2.0.0 to use flask-smorest's own decorators.

2.0.0 removed `ApiBlueprint` and its decorators: `body`, `query`, `header`, `returns` and `refuses`
become `arguments`, `doc`, `response` and `alt_response`.
"""

import ast
import re

from .code import Code

WORDS = {
    "route": "route",
    "body": "arguments",
    "query": "arguments",
    "header": "doc",
    "returns": "response",
    "refuses": "alt_response",
}
OLD = re.compile(r"\.smorest\b|add_check|Blueprint\(|\.register\(|\.route\(")
VIEW = ast.FunctionDef | ast.AsyncFunctionDef


def in_module(text: str) -> str:
    """Return the rewritten text, or the original if the result would not be valid Python."""
    if not OLD.search(text):
        return text
    try:
        tree = ast.parse(text)
        if _old_blueprints(tree) or any(_bases(node) for node in ast.walk(tree)):
            text = _with_ids(text, tree)
            tree = ast.parse(text)
        rewritten = _Routes(text, tree).text()
        ast.parse(rewritten)
    except (SyntaxError, ValueError, IndexError):
        return text
    return rewritten


def _with_ids(text: str, tree: ast.Module) -> str:
    """Replace the URL converter `int`, which used to read ids, with `id`."""
    code = Code(text.encode())
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in strings for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in parts:
            written = code.source(node)
            if b"<int:" in written:
                code.replace(node, written.replace(b"<int:", b"<id:"))
    return code.text()


def _imported(tree: ast.Module, module: str, name: str) -> set[str]:
    """Return the local names under which a file imports `name` from a module of `core`."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(module)
        for alias in node.names
        if alias.name == name
    }


def _old_blueprints(tree: ast.Module) -> list[ast.Call]:
    """Return calls that create a blueprint the old way: no import name and no `url_prefix`."""
    names = _imported(tree, "core.api.blueprint", "Blueprint")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in names]
    return [call for call in made if not _is_new(call)]


def _is_new(call: ast.Call) -> bool:
    second = call.args[1] if len(call.args) > 1 else None
    names = {keyword.arg for keyword in call.keywords}
    is_module = isinstance(second, ast.Name) and second.id == "__name__"
    return is_module or bool({"url_prefix", "import_name"} & names)


def _bases(node: ast.AST) -> set[str]:
    """Return the blueprints whose old-style `X.route(rule, method)` decorates this view."""
    if not isinstance(node, VIEW):
        return set()
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    return {
        ast.unparse(call.func.value)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "route"
        and (len(call.args) == 2 or any(each.arg == "method" for each in call.keywords))
    }


class _Routes:
    """The edits to one file."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self._code = Code(text.encode())
        self._tree = tree
        self._health = _imported(tree, "core", "health")
        self._jwt = _imported(tree, "core.auth", "jwt")
        self._declare = _imported(tree, "core.api.declarations", "declare")

    def text(self) -> str:
        """Return the text after the edits."""
        for call in _old_blueprints(self._tree):
            self._blueprint(call)
        for node in ast.walk(self._tree):
            if isinstance(node, VIEW):
                bases = _bases(node)
                for each in node.decorator_list if bases else ():
                    if isinstance(each, ast.Call):
                        self._decorator(each, bases)
            elif isinstance(node, ast.Attribute):
                self._attribute(node)
            elif isinstance(node, ast.Expr):
                self._registration(node)
        return self._code.text()

    def _blueprint(self, call: ast.Call) -> None:
        if len(call.args) > 3:  # `public`, which only described the route
            raise ValueError("unexpected fourth argument")
        for name, argument in zip(["", "description", "url_prefix"], call.args, strict=False):
            if name:
                self._name(argument, name)
            else:
                self._code.replace(argument, self._code.source(argument) + b", __name__")
        for keyword in call.keywords:
            written = self._code.source(keyword.value)
            if keyword.arg == "prefix":
                self._code.replace(keyword, b"url_prefix=" + written)
            elif keyword.arg == "name":
                self._code.replace(keyword, b"name=" + written + b", import_name=__name__")
            elif keyword.arg == "public":
                self._code.replace(keyword, b"public=None")

    def _decorator(self, call: ast.Call, bases: set[str]) -> None:
        called = ast.unparse(call.func)
        base, _, word = called.rpartition(".")
        if word == "scope" and base in self._jwt:
            self._code.replace(call.func, f"{min(bases)}.declare".encode())
            self._name(call.args[0], "scope")
        elif called in self._declare and call.args:
            self._name(call.args[0], "scope")
        elif base in bases and word in WORDS:
            self._code.replace(call.func, f"{base}.{WORDS[word]}".encode())
            self._arguments(call, word)

    def _arguments(self, call: ast.Call, word: str) -> None:
        if word == "route":
            for keyword in call.keywords:
                if keyword.arg == "method":
                    self._in_list(keyword, "methods", keyword.value)
            for argument in call.args[1:]:
                self._in_list(argument, "methods", argument)
        elif word == "query":
            last = call.args[0] if call.args else call.keywords[0]
            self._code.replace(last, self._code.source(last) + b', location="query"')
        elif word == "header":
            first = call.args[0] if call.args else call.keywords[0]
            value = first.value if isinstance(first, ast.keyword) else first
            self._in_list(first, "parameters", value)
        elif word == "refuses":
            for argument in call.args[1:]:
                self._name(argument, "description")

    def _name(self, argument: ast.expr, name: str) -> None:
        self._code.replace(argument, name.encode() + b"=" + self._code.source(argument))

    def _in_list(self, node: ast.expr | ast.keyword, name: str, value: ast.expr) -> None:
        self._code.replace(node, name.encode() + b"=[" + self._code.source(value) + b"]")

    def _attribute(self, node: ast.Attribute) -> None:
        base = self._code.source(node.value)
        if node.attr == "smorest":
            self._code.replace(node, base)
        elif node.attr == "add_check" and base.decode() in self._health:
            self._code.replace(node, base + b".add_dependency")

    def _registration(self, node: ast.Expr) -> None:
        """Rewrite `api.register(one, another)` where it is on a line of its own."""
        call = node.value
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != "api.register":
            return
        _, separator = self._code.place(node)
        if separator == b"; " or call.keywords or not call.args:
            return
        lines = []
        for each in call.args:
            if isinstance(each, ast.Starred):
                listed = self._code.source(each.value)
                lines.append(b"for each in " + listed + b": api.register_blueprint(each)")
            else:
                lines.append(b"api.register_blueprint(" + self._code.source(each) + b")")
        self._code.replace(node, separator.join(lines))
