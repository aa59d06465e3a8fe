"""Request framing: find out when a request has arrived completely, so that no thread waits for it.

This is not a parser: gunicorn's parser validates the request. It gets a request that is malformed
or exceeds a size limit immediately, and rejects it.
"""

import re
from dataclasses import dataclass
from typing import Any

HEAD_END = b"\r\n\r\n"
CHUNK_LINE = 8190  # longest line with a chunk's size and its extensions, in bytes
NOW = 0  # the end of a request whose rest is not worth waiting for

_bare_line_feed = re.compile(rb"(?<!\r)\n").search
_framing = re.compile(
    rb"\r\n(content-length|transfer-encoding|expect)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)",
    re.IGNORECASE,
).findall
_expectation = re.compile(rb"\r\nexpect[ \t]*:[^\r\n]*(?=\r\n)", re.IGNORECASE).sub
_chunk_size = re.compile(rb"([0-9a-f]{1,16})[ \t]*(?:;|\Z)", re.IGNORECASE).match


@dataclass(frozen=True)
class Longest:
    """The size limits of a request, in bytes."""

    line: int
    head: int
    body: int

    @classmethod
    def of(cls, server: Any, body: int) -> "Longest":
        """Return the limits of the server's configuration (gunicorn's `Config`)."""
        fields = server.limit_request_fields * (server.limit_request_field_size + 2)
        return cls(line=server.limit_request_line, head=fields + 4, body=body)


class Arrival:
    """The bytes of a connection since its last request."""

    def __init__(self, longest: Longest, data: bytes = b"") -> None:
        self.data = bytearray(data)
        self.expects_continue = False
        self.has_long_head = False  # the parser would reject it only after reading more
        self._longest = longest
        self._head_end = 0  # 0 until the header is complete
        self._end: int | None = None  # of the request, once that is known
        self._chunk = 0  # where the next chunk begins, in a chunked body
        self._body = 0  # bytes in the chunks before it
        self._seen = 0  # bytes already searched for the end of the header

    @property
    def has_head(self) -> bool:
        """Whether the header has arrived."""
        return self._head_end > 0

    def is_whole(self) -> bool:
        """Return whether to parse it now: it is complete, or not worth waiting for."""
        if not self.has_head and self._end is None:
            self._read_head()
        if self._chunk and self._end is None:
            self._read_chunks()
        return self._end is not None and len(self.data) >= self._end

    @property
    def is_cut(self) -> bool:
        """Whether it is parsed although it is incomplete; the connection then ends with it."""
        return self._end == NOW

    def end(self) -> None:
        """Stop waiting: the client sends no more."""
        self._end = NOW

    def taken(self) -> bytes:
        """Return all bytes, without an Expect header already answered (RFC 9110, 10.1.1)."""
        head, rest = bytes(self.data[: self._head_end]), bytes(self.data[self._head_end :])
        return (_expectation(b"", head) if self.expects_continue else head) + rest

    def _read_head(self) -> None:
        start, self._seen = max(0, self._seen - 3), len(self.data)
        place = self.data.find(HEAD_END, start)
        if place >= 0:
            self._head_end = place + len(HEAD_END)
            self._read_framing(bytes(self.data[: self._head_end]))
            return
        has_line = b"\r\n" in self.data[: self._longest.line + 2]
        longest = self._longest.head if has_line else self._longest.line + 1
        is_malformed = _bare_line_feed(self.data, start) is not None
        self.has_long_head = has_line and len(self.data) > longest
        self._give_up_if(is_malformed or len(self.data) > longest)

    def _read_framing(self, head: bytes) -> None:
        """Find out where the request ends (RFC 9112, 6.3)."""
        fields = [(name.lower(), value.lower()) for name, value in _framing(head)]
        names = [name for name, _ in fields]
        values = dict(fields)
        expected = values.pop(b"expect", b"100-continue")
        if len(set(names)) < len(names) or len(values) > 1 or expected != b"100-continue":
            self._end = NOW
        elif not values:
            self._end = self._head_end
        elif values.get(b"transfer-encoding") == b"chunked":
            self._chunk = self._head_end
        else:
            self._end = self._with_length(values.get(b"content-length", b""))
        self.expects_continue = b"expect" in names and self._end != NOW

    def _with_length(self, length: bytes) -> int:
        if not length.isdigit() or len(length) > len(str(self._longest.body)):
            return NOW
        is_long = int(length) > self._longest.body
        return NOW if is_long else self._head_end + int(length)

    def _read_chunks(self) -> None:
        """Go through the chunks that have arrived (RFC 9112, 7.1)."""
        while self._end is None:
            line_end = self.data.find(b"\r\n", self._chunk, self._chunk + CHUNK_LINE + 2)
            if line_end < 0:
                self._give_up_if(len(self.data) - self._chunk > CHUNK_LINE)
                return
            size = _chunk_size(self.data, self._chunk, line_end)
            if size is None:
                self._end = NOW
            elif not int(size[1], 16):
                self._read_trailers(line_end)
                return
            elif not self._skip(line_end + 2, int(size[1], 16)):
                return

    def _skip(self, start: int, length: int) -> bool:
        """Skip a chunk if it has arrived; give up if the body exceeds its limit."""
        end = start + length
        received = self._body + min(length, len(self.data) - start)
        self._give_up_if(received > self._longest.body)
        if len(self.data) < end + 2:
            return False
        self._give_up_if(self.data[end : end + 2] != b"\r\n")
        self._body, self._chunk = received, end + 2
        return True

    def _read_trailers(self, start: int) -> None:
        place = self.data.find(HEAD_END, start)
        if place >= 0:
            self._end = place + len(HEAD_END)
        else:
            self._give_up_if(len(self.data) - start > self._longest.head)

    def _give_up_if(self, is_refused: bool) -> None:
        if is_refused:
            self._end = NOW
