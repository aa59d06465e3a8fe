"""Canaries: no log line and no error response repeats anything that a client sends."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from ...conftest import PATIENCE
from ...support.routes import every_request
from ...support.served import Server, wait_until

VALUE = "canary-of-a-value"
EMAIL = "canary@mail.example"
KEY = f"sk_canary00_{'canary0' * 6}c"
TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl"
SEGMENT = TOKEN.split(".")[1]
MARKS = ("canary", SEGMENT)

QUERY = urlencode({"page": VALUE, "email": EMAIL, "token": TOKEN, "key": KEY})
HEADERS = {
    "Cookie": f"session={TOKEN}; key={KEY}",
    "Idempotency-Key": VALUE,
    "If-Match": f'"{VALUE}"',
    "Origin": f"https://{VALUE}.example",
    "Referer": f"https://{VALUE}.example/?token={TOKEN}",
    "User-Agent": EMAIL,
    "X-Api-Key": KEY,
    "X-Forwarded-For": VALUE,
}
IDENTITIES = [f"Bearer {KEY}", f"Bearer {TOKEN}", f"Basic {VALUE}", VALUE]
# A body for the example, one with an unknown member, a list, and invalid JSON.
BODIES = [
    json.dumps({"name": VALUE, "query": EMAIL}),
    json.dumps({"name": VALUE, "query": TOKEN, "limit": KEY, "unknown": EMAIL}),
    json.dumps([VALUE, KEY, {"name": TOKEN}]),
    f'{{"name": "{VALUE}", "query": {TOKEN}',
]
# A path that matches no route, and tries to start a log line of its own.
LINE = f"/{VALUE}%0a%7B%22message%22%3A%22{VALUE}%22%7D%0d%0a{TOKEN}"


Call = tuple[str, str, dict[str, str], str | None]


def calls(method: str, path: str, credential: dict[str, str]) -> Iterator[Call]:
    """Requests that carry the canaries in each of their parts."""
    json_body = {"Content-Type": "application/json"}
    yield method, f"{path}?{QUERY}", credential, None
    yield method, path, credential | HEADERS, None
    for identity in IDENTITIES:
        yield method, path, {"Authorization": identity}, None
    if method in {"POST", "PATCH"}:
        for body in BODIES:
            yield method, path, credential | json_body, body
        yield method, path, credential | {"Content-Type": f"text/{VALUE}"}, VALUE


def ask(server: Server, method: str, path: str, headers: dict[str, str], body: str | None) -> None:
    """Make the request; an error response must not contain a canary."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = f"{answer.headers}{answer.read().decode()}"
        assert answer.status < 500
        if answer.status >= 400:
            assert not marks(text), f"{method} {path}: {text}"
    finally:
        connection.close()


def answered(server: Server) -> int:
    """How many requests the server has logged; skips the last line, which may be incomplete."""
    lines = server.log.read_text().rpartition("\n")[0].split("\n")
    return [json.loads(line)["message"] for line in lines].count("request")


def marks(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text]


def test_client_input_appears_in_no_log_line_and_no_error(
    app: Flask, shared_server: Server, credential: dict[str, str], some_settings: dict[str, Any]
) -> None:
    routes = [(method, path) for _, method, path in every_request(app)]
    asked = [call for route in [*routes, ("GET", LINE)] for call in calls(*route, credential)]
    before = answered(shared_server)
    for call in asked:
        ask(shared_server, *call)
    wait_until(lambda: answered(shared_server) >= before + len(asked))
    log = shared_server.log.read_text()
    assert not marks(log)
    secrets = [some_settings["secret_key"], *credential.values()]
    assert not [secret for secret in secrets if secret in log]
