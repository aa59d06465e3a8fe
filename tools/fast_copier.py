"""Speed up copier for the tests, which render hundreds of times in one process.

This is the only module that replaces private parts of copier and Jinja.
`tests/template/test_copier.py` compares a render made by the tests with one made by the command
line, byte for byte.
"""

from pathlib import Path
from typing import Any

from copier._main import Worker
from jinja2.sandbox import SandboxedEnvironment

_compile = SandboxedEnvironment.compile
_codes: dict[tuple[object, ...], Any] = {}


def _compile_once(
    self: SandboxedEnvironment, source: Any, name: str | None = None, *how: Any, **named: Any
) -> Any:
    """Compile each template text once, although copier creates an environment for each render."""
    # Environments with the same syntax share a lexer.
    key = (self.lexer, source, name, *how, *named.items())
    # Random values are drawn when a text is compiled, so such a text must be compiled each time.
    if key not in _codes or "random" in source:
        _codes[key] = _compile(self, source, name, *how, **named)
    return _codes[key]


def _leave_modes_to_git(self: Worker, dst_relpath: Path, src_mode: int) -> None:
    """Do nothing: git reads modes from the disk, since `core.fileMode` is on in these tests.

    Copier runs `git config` once for each file to find that out, which is half of a render's time.
    """


SandboxedEnvironment.compile = _compile_once  # type: ignore[method-assign,assignment]
Worker._sync_git_index_executable_bit = _leave_modes_to_git  # type: ignore[method-assign]
