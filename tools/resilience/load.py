"""Concurrent clients that record the outcome of each request."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 40.0  # client timeout in seconds: longer than any deadline of the service


@dataclass(frozen=True)
class Request:
    """A request to send. A body is sent as JSON."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a request: a status, or 0 and the error."""

    request: Request
    status: int
    started: float
    seconds: float
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


class Client:
    """One client. `keeps` says whether it reuses its connection, as long as the server allows."""

    def __init__(self, url: str, *, keeps: bool = True) -> None:
        parts = urlsplit(url)
        self._keeps = keeps
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=PATIENCE
        )

    def ask(self, request: Request) -> Outcome:
        """Send a request and read the whole response. Never retries."""
        started = time.monotonic()
        try:
            status, headers, text = self._exchange(request)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            told = f"{type(error).__name__}: {error}"
            return Outcome(request, 0, started, time.monotonic() - started, told)
        seconds = time.monotonic() - started
        body = json.loads(text) if "json" in headers.get("Content-Type", "") else None
        return Outcome(request, status, started, seconds, headers=headers, body=body)

    def _exchange(self, request: Request) -> tuple[int, Mapping[str, str], bytes]:
        data = None if request.body is None else json.dumps(request.body).encode()
        headers = dict(request.headers)
        if data is not None:
            headers["Content-Type"] = "application/json"
        if not self._keeps:
            headers["Connection"] = "close"
        self._connection.request(request.method, request.path, data, headers)
        answer = self._connection.getresponse()
        return answer.status, dict(answer.headers.items()), answer.read()

    def close(self) -> None:
        self._connection.close()


def ask(url: str, request: Request) -> Outcome:
    """Send one request over its own connection."""
    client = Client(url, keeps=False)
    try:
        return client.ask(request)
    finally:
        client.close()


def ask_at_once(url: str, requests: list[Request]) -> list[Outcome]:
    """Send all requests concurrently, each over its own connection."""
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda request: ask(url, request), requests))


class Load:
    """Clients that share a series of requests, until it ends or they are stopped."""

    def __init__(
        self, url: str, make: Callable[[int], Request], *, clients: int, count: int | None = None
    ) -> None:
        self.url = url
        self.outcomes: list[Outcome] = []
        self.stopping = threading.Event()
        self.note: Callable[[Outcome], object] = lambda _: None  # called with each outcome
        self._make = make
        self._clients = clients
        self._numbers = iter(itertools.count()) if count is None else iter(range(count))
        self._lock = threading.Lock()

    def run(self, *, keeps: bool = True, keep_outcomes: bool = True) -> list[Outcome]:
        """Send requests until the series ends. Without `keep_outcomes`, only failures are kept."""
        with ThreadPoolExecutor(self._clients) as pool:
            workers = [
                pool.submit(self._work, Client(self.url, keeps=keeps), keep_outcomes)
                for _ in range(self._clients)
            ]
        for worker in workers:
            worker.result()
        return self.outcomes

    def _work(self, client: Client, keep_outcomes: bool) -> None:
        while not self.stopping.is_set():
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                break
            outcome = client.ask(self._make(number))
            self.note(outcome)
            if keep_outcomes or not 200 <= outcome.status < 500:
                self.outcomes.append(outcome)
        client.close()

    @contextmanager
    def running(self, *, keeps: bool = True) -> Iterator["Load"]:
        """Send requests in the background until the block ends. Those in flight are completed."""
        with ThreadPoolExecutor(1) as pool:
            done: Future[list[Outcome]] = pool.submit(self.run, keeps=keeps)
            try:
                yield self
            finally:
                self.stopping.set()
            done.result()


def failures(outcomes: list[Outcome], *expected: int) -> list[str]:
    """Describe the outcomes with an unexpected status, for a readable assertion message."""
    return [
        f"{outcome.request.method} {outcome.request.path}: {outcome.status} {outcome.error}"
        for outcome in outcomes
        if outcome.status not in expected
    ]
