"""Jinja compiles each text once in a process, though copier makes an environment for each render.

An update renders three times, and compiling is half of that work.
"""

from typing import Any

from jinja2.sandbox import SandboxedEnvironment

_compile = SandboxedEnvironment.compile
_codes: dict[tuple[object, ...], Any] = {}


def _compile_once(
    self: SandboxedEnvironment, source: Any, name: str | None = None, *how: Any, **named: Any
) -> Any:
    # Environments of the same syntax share a lexer.
    key = (self.lexer, source, name, *how, *named.items())
    # What is random in a text is drawn while it is compiled.
    if key not in _codes or "random" in source:
        _codes[key] = _compile(self, source, name, *how, **named)
    return _codes[key]


SandboxedEnvironment.compile = _compile_once  # type: ignore[method-assign,assignment]
