"""Check the responses to a probe, and describe each fault in words."""

import json
import re
from collections.abc import Iterator
from typing import Any

from .probe import EXPERIMENTS, SILENCE, Probe
from .wire import Reply

SECURITY_HEADERS = (
    "Cache-Control",
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-Request-ID",
)
PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "request_id"}
INSIDES = re.compile(rb"Traceback|sqlite3|psycopg|pymysql|sqlalchemy|SELECT |INSERT |\.py\b", re.I)
FOREIGN = b"evil.example"  # what probes try to get reflected

acceptable_id = re.compile(r"[A-Za-z0-9._-]{8,128}").fullmatch
item_path = re.compile(rf"{EXPERIMENTS}/\d+(/runs/\d+)?").fullmatch


def faults(probe: Probe, replies: list[Reply]) -> Iterator[str]:
    """The faults in the responses to a probe."""
    expected = [] if probe.status == SILENCE else [probe.status, *probe.then]
    found = [reply.status for reply in replies]
    if found != expected:
        words = b" ... ".join(reply.body[:200] for reply in replies)
        yield f"expected {expected or 'silence'}, got {found or 'silence'}: {words!r}"
        return
    for number, reply in enumerate(replies):
        if probe.by == "server" or number > 0:
            yield from _faults_of_server(reply)
        else:
            yield from _faults_of_app(probe, reply)


def _faults_of_server(reply: Reply) -> Iterator[str]:
    """The server must send a problem like the application's, and close the connection.

    It does not know where the next request begins.
    """
    if reply.headers.get("content-type") != "application/problem+json":
        yield f"the server's response has Content-Type {reply.headers.get('content-type')}"
    missing = [name for name in SECURITY_HEADERS if name.lower() not in reply.headers]
    if missing:
        yield f"missing {', '.join(missing)}"
    if reply.headers.get("connection") != "close":
        yield "the connection stays open"
    if INSIDES.search(reply.body):
        yield f"the server's response reveals internals: {reply.body!r}"


def _faults_of_app(probe: Probe, reply: Reply) -> Iterator[str]:
    missing = [name for name in SECURITY_HEADERS if name.lower() not in reply.headers]
    if missing:
        yield f"missing {', '.join(missing)}"
    if not acceptable_id(reply.headers.get("x-request-id", "")):
        yield f"X-Request-ID {reply.headers.get('x-request-id')!r}"
    if "access-control-allow-origin" in reply.headers:
        yield "CORS allows another origin"
    if FOREIGN in repr(reply).encode():
        yield f"reflects the request: {reply}"
    if reply.status >= 400:
        yield from _faults_of_problem(reply)
        yield from _faults_of_headers(reply)
    elif probe.back or reply.status == 201:
        yield from _faults_of_representation(probe, reply)


def _faults_of_problem(reply: Reply) -> Iterator[str]:
    if reply.headers.get("content-type") != PROBLEM:
        yield f"Content-Type {reply.headers.get('content-type')!r}"
    elif reply.body:  # a response to HEAD has none
        body = json.loads(reply.body)
        if set(body) - {"errors"} != MEMBERS:
            yield f"members {sorted(body)}"
        if body["status"] != reply.status or not body["detail"]:
            yield f"status {body['status']}, detail {body['detail']!r}"
        if body["request_id"] != reply.headers.get("x-request-id"):
            yield "request_id differs from X-Request-ID"
        if (reply.status == 422) > ("errors" in body or "Idempotency-Key" in body["detail"]):
            yield "422 without naming the invalid value"
    if INSIDES.search(reply.body):
        yield f"reveals internals: {reply.body[:300]!r}"


def _faults_of_headers(reply: Reply) -> Iterator[str]:
    if reply.status == 401 and not reply.headers.get("www-authenticate", "").startswith("Bearer"):
        yield "401 without WWW-Authenticate"
    if reply.status == 405 and not reply.headers.get("allow"):
        yield "405 without Allow"


def _faults_of_representation(probe: Probe, reply: Reply) -> Iterator[str]:
    body: dict[str, Any] = json.loads(reply.body)
    for name, value in probe.back.items():
        if body.get(name) != value:
            yield f"{name} came back as {body.get(name)!r:.200}"
    if reply.status == 201 and not item_path(reply.headers.get("location", "")):
        yield f"Location {reply.headers.get('location')!r}"
