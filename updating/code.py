"""Python code in which parts are replaced, the rest byte for byte as it was."""

import ast
import re
from itertools import pairwise

LINE_END = re.compile(rb"\r\n|\r|\n")


class Code:
    """Bytes of Python in which nodes are replaced."""

    def __init__(self, code: bytes) -> None:
        self._code = code
        ends = list(LINE_END.finditer(code))
        self._starts = [0, *(end.end() for end in ends)]
        self._line_end = ends[0][0] if ends else b"\n"
        self._edits: list[tuple[int, int, bytes]] = []

    def place(self, node: ast.stmt) -> tuple[bytes, bytes]:
        """A statement as it is written, and what parts it from a further one in its place."""
        start, end = self._span(node)
        before = self._code[self._starts[node.lineno - 1] : start]
        return self._code[start:end], b"; " if before.strip() else self._line_end + before

    def source(self, node: ast.stmt | ast.expr | ast.keyword) -> bytes:
        """A node as it is written."""
        start, end = self._span(node)
        return self._code[start:end]

    def replace(self, node: ast.stmt | ast.expr | ast.keyword, written: bytes) -> None:
        """Write something else in the place of a node."""
        self._edits.append((*self._span(node), written))

    def text(self) -> str:
        """All of it, after the edits.

        Raises:
            ValueError: two edits are of the same place.
        """
        code = self._code
        edits = sorted(self._edits)
        for before, after in pairwise(edits):
            if after[0] < before[1]:
                raise ValueError("two edits of one place")
        for start, end, written in sorted(self._edits, reverse=True):
            code = code[:start] + written + code[end:]
        return code.decode()

    def _span(self, node: ast.stmt | ast.expr | ast.keyword) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or 0, node.end_col_offset or 0
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[end_line - 1] + end_column
