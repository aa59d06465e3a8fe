"""Routes of a project from before 2.0.0, in flask-smorest's own words.

`ApiBlueprint` and its decorators are gone: `body`, `query`, `header`, `returns` and `refuses` become
`arguments`, `doc`, `response` and `alt_response`. What an application carries is in one place.
"""

import ast
import re

from .code import Code
from .imports import Module, statement_for

WORDS = {
    "body": "arguments",
    "query": "arguments",
    "header": "doc",
    "returns": "response",
    "refuses": "alt_response",
}
OLD = re.compile(r"\.smorest\b|\.extensions\[|add_check|Blueprint\(|\.register\(|\.route\(")
IDS = re.compile(rb"<int:")


def in_module(text: str, module: Module | None, package: str) -> str:
    """A file's text; what Python cannot read stays as it is."""
    if not OLD.search(text):
        return text
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return text
    if any(_is_old_route(node) for node in ast.walk(tree)) or _blueprints(tree):
        text = _with_ids(text, tree)
        tree = ast.parse(text)
    return _Routes(text, tree, module, package).text()


def _with_ids(text: str, tree: ast.Module) -> str:
    """With the converter of ids, which was called `int`."""
    code = Code(text.encode())
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "<int:" in node.value:
            code.replace(node, IDS.sub(b"<id:", code.source(node)))
    return code.text()


def _blueprints(tree: ast.Module) -> list[ast.Call]:
    """The calls that make blueprints as they did before: a prefix was the third argument."""
    sources = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    if not any(source.endswith("core.api.blueprint") for source in sources):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _makes_old(node)]


def _makes_old(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Name) or node.func.id != "Blueprint":
        return False
    second = node.args[1] if len(node.args) > 1 else None
    is_new = isinstance(second, ast.Name) and second.id == "__name__"
    return not is_new and not {"url_prefix", "import_name"} & {each.arg for each in node.keywords}


def _is_old_route(node: ast.AST) -> bool:
    """Whether this is `X.route(rule, method)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "route"
        and len(node.args) == 2
    )


class _Routes:
    """The edits of one file."""

    def __init__(self, text: str, tree: ast.Module, module: Module | None, package: str) -> None:
        self._code = Code(text.encode())
        self._tree = tree
        self._module = module
        self._package = package
        self._needed: set[tuple[str, str]] = set()

    def text(self) -> str:
        """The text after the edits."""
        for call in _blueprints(self._tree):
            self._blueprint(call)
        for node in ast.walk(self._tree):
            if isinstance(node, ast.FunctionDef):
                self._decorators(node.decorator_list)
            elif isinstance(node, ast.Attribute) and node.attr == "smorest":
                self._code.replace(node, self._code.source(node.value))
            elif isinstance(node, ast.Attribute) and node.attr == "add_check":
                self._code.replace(node, self._code.source(node.value) + b".add_dependency")
            elif isinstance(node, ast.Subscript):
                self._carried(node)
            elif isinstance(node, ast.Expr):
                self._registration(node)
        self._import()
        return self._code.text()

    def _blueprint(self, call: ast.Call) -> None:
        names = [None, b"description", b"url_prefix", b"public"]
        for name, argument in zip(names, call.args, strict=False):
            written = self._code.source(argument)
            first = written + b", __name__"
            self._code.replace(argument, first if name is None else name + b"=" + written)
        for keyword in call.keywords:
            if keyword.arg == "prefix":
                self._code.replace(keyword, b"url_prefix=" + self._code.source(keyword.value))

    def _decorators(self, decorators: list[ast.expr]) -> None:
        routes = [each for each in decorators if isinstance(each, ast.Call) and _is_old_route(each)]
        if not routes:
            return
        blueprint = self._code.source(routes[0].func).removesuffix(b".route")
        for each in decorators:
            if isinstance(each, ast.Call):
                self._decorator(each, blueprint)

    def _decorator(self, call: ast.Call, blueprint: bytes) -> None:
        called = self._code.source(call.func)
        word = called.decode().rpartition(".")[2]
        arguments = call.args
        if word == "scope":
            self._code.replace(call.func, blueprint + b".declare")
            self._name(arguments[0], b"scope")
        elif called == blueprint + b".route":
            method = self._code.source(arguments[1])
            self._code.replace(arguments[1], b"methods=[" + method + b"]")
        elif word in WORDS and called.startswith(blueprint + b"."):
            self._code.replace(call.func, blueprint + b"." + WORDS[word].encode())
            if word == "query":
                schema = self._code.source(arguments[0])
                self._code.replace(arguments[0], schema + b', location="query"')
            elif word == "header":
                parameter = self._code.source(arguments[0])
                self._code.replace(arguments[0], b"parameters=[" + parameter + b"]")
            elif word == "refuses" and len(arguments) > 1:
                self._name(arguments[1], b"description")

    def _name(self, argument: ast.expr, name: bytes) -> None:
        self._code.replace(argument, name + b"=" + self._code.source(argument))

    def _carried(self, node: ast.Subscript) -> None:
        """What was in the application's extensions."""
        key, owner = node.slice, node.value
        if not (isinstance(owner, ast.Attribute) and owner.attr == "extensions"):
            return
        if not isinstance(key, ast.Constant) or not isinstance(node.ctx, ast.Load):
            return
        app = self._code.source(owner.value)
        if key.value == "service.limiter":
            self._need("core.middleware.limiter", "limiter")
            self._code.replace(node, b"limiter")
        elif key.value == "service.settings" and app == b"current_app":
            self._need("core.service", "current_service")
            self._code.replace(node, b"current_service().settings")
        elif key.value == "service.settings":
            self._need("core.service", "service_of")
            self._code.replace(node, b"service_of(" + app + b").settings")

    def _registration(self, node: ast.Expr) -> None:
        """`api.register(one, another)`."""
        call = node.value
        if not isinstance(call, ast.Call) or self._code.source(call.func) != b"api.register":
            return
        _, separator = self._code.place(node)
        lines = []
        for each in call.args:
            if isinstance(each, ast.Starred):
                listed = self._code.source(each.value)
                lines.append(b"for blueprint in " + listed + b": api.register_blueprint(blueprint)")
            else:
                lines.append(b"api.register_blueprint(" + self._code.source(each) + b")")
        self._code.replace(node, separator.join(lines))

    def _need(self, module: str, name: str) -> None:
        self._needed.add((f"{self._package}.{module}", name))

    def _import(self) -> None:
        """Below the last import at the top of the file."""
        imports = [
            node for node in self._tree.body if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        if not self._needed or not imports:
            return
        written, separator = self._code.place(imports[-1])
        lines = [statement_for(*each, self._module) for each in sorted(self._needed)]
        self._code.replace(imports[-1], separator.join([written, *map(str.encode, lines)]))
