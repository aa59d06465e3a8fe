"""Replace parts of Python code, and keep the rest byte for byte."""

import ast
import re
from itertools import pairwise

LINE_END = re.compile(rb"\r\n|\r|\n")


class Code:
    """Python source as bytes, and the edits to make in it."""

    def __init__(self, code: bytes) -> None:
        self._code = code
        ends = list(LINE_END.finditer(code))
        self._starts = [0, *(end.end() for end in ends)]
        self._line_end = ends[0][0] if ends else b"\n"
        self._edits: list[tuple[int, int, bytes]] = []

    def place(self, node: ast.stmt) -> tuple[bytes, bytes]:
        """Return a statement's source, and the separator to put before a further statement."""
        start, end = self._span(node)
        before = self._code[self._starts[node.lineno - 1] : start]
        return self._code[start:end], b"; " if before.strip() else self._line_end + before

    def source(self, node: ast.stmt | ast.expr | ast.keyword) -> bytes:
        """Return a node's source."""
        start, end = self._span(node)
        return self._code[start:end]

    def replace(self, node: ast.stmt | ast.expr | ast.keyword, written: bytes) -> None:
        """Replace a node with other source."""
        self._edits.append((*self._span(node), written))

    def text(self) -> str:
        """Return the code after all edits.

        Raises:
            ValueError: two edits overlap.
        """
        code = self._code
        edits = sorted(self._edits)
        for before, after in pairwise(edits):
            if after[0] < before[1]:
                raise ValueError("two edits overlap")
        for start, end, written in sorted(self._edits, reverse=True):
            code = code[:start] + written + code[end:]
        return code.decode()

    def _span(self, node: ast.stmt | ast.expr | ast.keyword) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or 0, node.end_col_offset or 0
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[end_line - 1] + end_column
