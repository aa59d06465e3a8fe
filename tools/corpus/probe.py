"""A hostile request: the bytes to send over the socket, and the one correct response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

EXPERIMENTS = "/api/v1/experiments"
HEALTH = "/api/health"
JSON = "Content-Type: application/json"
SILENCE = 0
KEY_PREFIX = len("sk_0123456789ab")  # of an API key; in a token, this is an arbitrary part
PAUSE = b"{pause}"
OF_ITEM = (b"{item}", b"{foreign-digits}", b"{etag}", b"{version}", b"{taken}", b"{TAKEN}")

Text = bytes | str


@dataclass(frozen=True)
class Probe:
    """One request. `Blanks` fills in the placeholders in braces when it is sent.

    `by` is "server" if the application never sees the request. `then` are the statuses of further
    responses, which always come from the server. A successful body has the members in `back`.
    """

    name: str
    request: bytes
    status: int
    by: Literal["app", "server"] = "app"
    back: Mapping[str, Any] = field(default_factory=dict)
    then: tuple[int, ...] = ()

    @property
    def needs_resource(self) -> bool:
        """Whether only a service with the example can respond correctly."""
        return EXPERIMENTS.encode() in self.request or self.needs_item

    @property
    def needs_item(self) -> bool:
        """Whether an experiment must exist beforehand."""
        return any(blank in self.request for blank in OF_ITEM)


@dataclass(frozen=True)
class Item:
    """An existing experiment."""

    path: str
    etag: str
    name: str


@dataclass(frozen=True)
class Blanks:
    """Values for the placeholders, known only when a probe is sent."""

    host: str
    credential: str
    name: str
    item: Item

    def fill(self, request: bytes) -> bytes:
        """Fill in the placeholders, and the Content-Length last."""
        credential = self.credential.encode()
        line = b"Authorization: Bearer " + credential + b"\r\n" if credential else b""
        values = {
            "host": self.host,
            "key": self.credential,
            "key-prefix": self.credential[:KEY_PREFIX],
            "key-secret": self.credential[KEY_PREFIX + 1 :],
            "name": self.name,
            "item": self.item.path,
            "etag": self.item.etag,
            "version": self.item.etag.strip('"'),
            "taken": self.item.name,
            "TAKEN": self.item.name.upper(),
            "foreign-digits": in_foreign_digits(self.item.path),
        }
        request = request.replace(b"{bearer}\r\n", line)
        for blank, value in values.items():
            request = request.replace(f"{{{blank}}}".encode(), value.encode())
        body = request.partition(b"\r\n\r\n")[2]
        length = len(body.replace(PAUSE, b""))
        return request.replace(b"{length}", str(length).encode(), 1)


def in_foreign_digits(path: str) -> str:
    """The path of an item with its ID in Arabic-Indic digits."""
    folder, _, identity = path.rpartition("/")
    return f"{folder}/" + "".join(f"%D9%A{digit}" for digit in identity)


def raw(*head: Text, body: Text = b"") -> bytes:
    """A request with exactly these lines."""
    return b"\r\n".join([*map(as_bytes, head), b"", as_bytes(body)])


def words(block: str) -> list[str]:
    """The words of a text block, separated by whitespace."""
    return block.split()


def lines(block: str) -> list[str]:
    """The lines of a text block, without the whitespace around each."""
    return [line.strip() for line in block.strip().splitlines()]


def as_bytes(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def http(method: str, target: str, *more: Text, body: Text | None = None) -> bytes:
    """A correctly framed request with a Host header and a credential."""
    length = [] if body is None else ["Content-Length: {length}"]
    start = [f"{method} {target} HTTP/1.1", "Host: {host}", "{bearer}"]
    return raw(*start, *more, *length, body=body or b"")


def get(target: str, *more: Text) -> bytes:
    return http("GET", target, *more)


def creating(body: Text, *more: Text) -> bytes:
    """A request that would create an experiment."""
    return http("POST", EXPERIMENTS, JSON, *more, body=body)


def changing(body: Text, *more: Text) -> bytes:
    """A request that would update the existing experiment."""
    return http("PATCH", "{item}", JSON, "If-Match: {etag}", *more, body=body)


def experiment(**values: Any) -> str:
    """The JSON of an experiment that is valid except for `values`."""
    return json.dumps({"name": "{name}", "query": "hello"} | values, ensure_ascii=False)
