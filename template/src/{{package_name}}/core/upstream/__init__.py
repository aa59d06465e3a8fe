"""Upstream: calls a model over an OpenAI-compatible API; failures become problem responses."""

import ipaddress
import json
import random
import re
import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, cast

import structlog
from flask import Flask, current_app
from werkzeug.http import parse_date

from ...settings import Settings
from ...settings.addresses import Address, is_public
from .. import deadlines
from ..auth.owner import current_owner, verified_owner
from ..database import now
from ..errors import ProblemError
from ..health import add_dependency
from ..http_client import Answer, DeadlineError, NotConnectedError, OutgoingError, ask
from ..service import Service, service_of
from .callers import Budget, Callers, NoPlaceError
from .circuit_breaker import Breaker, OpenError
from .completions import Completion, bound, read_completion

PAUSES = (0.2, 0.6)  # seconds before each retry, plus or minus half
MAX_RETRY_AFTER = 3600  # maximum seconds that a client is told to wait

EXTENSION = "upstream"
_log = structlog.get_logger(__name__)


class UpstreamError(ProblemError):
    """The call gave no completion; `reason` is for the log."""

    def __init__(self, status: int, reason: str, retry_after: float | None = None) -> None:
        wait = {} if retry_after is None else {"Retry-After": str(max(1, round(retry_after)))}
        super().__init__(status, headers=wait)
        self.reason = reason


class FailedError(UpstreamError):
    """The upstream is failing or rejects our credentials; the circuit breaker counts this."""


class _TransientError(Exception):
    """A retry is safe, and may succeed after `wait` seconds."""

    def __init__(self, cause: UpstreamError, wait: float = 0) -> None:
        super().__init__()
        self.cause = cause
        self.wait = wait


class Upstream:
    """A client of the API at OPENAI_BASE_URL, and no other. Shared by all threads."""

    def __init__(self, settings: Settings, service: Service) -> None:
        self.breaker = Breaker("upstream")
        self._callers = Callers(settings)
        self._budget = Budget(service, settings.openai_daily_tokens)
        self._max_tokens = settings.openai_max_tokens
        self._url = settings.openai_base_url.rstrip("/") + "/chat/completions"
        self._key = settings.openai_api_key
        self._model = settings.openai_model
        self.seconds = settings.openai_timeout
        self._max_bytes = settings.openai_max_bytes
        self._private = [ipaddress.ip_network(name) for name in settings.openai_private_networks]

    def complete(self, query: str, options: Mapping[str, Any]) -> Completion:
        """Send the query to the model; `options` are further members of the request.

        Do not call this in a transaction: it could hold a connection for OPENAI_TIMEOUT.

        Raises:
            UpstreamError: 502 (no usable response), 503 (see Retry-After), 504 (timeout).
            ProblemError: 429, if the owner's tokens for the day are used up.
        """
        self._budget.check(current_owner())
        messages = [{"role": "user", "content": query}]
        options = bound(options, self._max_tokens)
        body = json.dumps({**options, "model": self._model, "messages": messages}).encode()
        started = time.monotonic()
        try:
            completion = self._complete(body, started + self.seconds)
        except UpstreamError as error:
            took = round(time.monotonic() - started, 3)
            _log.warning(
                "upstream call failed", reason=error.reason, status=error.code, seconds=took
            )
            raise
        self._budget.spend(current_owner(), completion.total_tokens)
        took = round(time.monotonic() - started, 3)
        _log.info("upstream call succeeded", tokens=completion.total_tokens, seconds=took)
        return completion

    def _complete(self, body: bytes, deadline: float) -> Completion:
        """Get a completion, unless the owner has too many calls in flight or a breaker is open."""
        owner = verified_owner()
        own = self._callers.breaker(owner).watch(FailedError) if owner else nullcontext()
        try:
            with self._callers.place(owner), own, self.breaker.watch(FailedError, owner):
                return self._read(self._ask(body, deadline))
        except NoPlaceError:
            raise UpstreamError(503, "too many calls in flight", 1) from None
        except OpenError as error:
            raise UpstreamError(503, "circuit breaker open", error.seconds) from None

    def _ask(self, body: bytes, deadline: float) -> bytes:
        """Return the body of a successful response; retry transient errors before the deadline."""
        pauses = iter(PAUSES)
        while True:
            try:
                return self._ask_once(body, deadline - time.monotonic())
            except _TransientError as error:
                pause = next(pauses, None)
                if pause is None:
                    raise error.cause from None
                wait = error.wait + pause * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
                if time.monotonic() + wait >= deadline:
                    raise error.cause from None
            time.sleep(wait)

    def _ask_once(self, body: bytes, seconds: float) -> bytes:
        try:
            answer = ask(
                "POST",
                self._url,
                seconds=max(0, seconds),
                max_bytes=self._max_bytes,
                headers={
                    "Authorization": f"Bearer {self._key}",
                    "Content-Type": "application/json",
                },
                body=body,
                admits=self._admits,
            )
        except NotConnectedError as error:
            raise _TransientError(FailedError(502, f"connection failed: {error}")) from None
        except DeadlineError as error:
            raise FailedError(504, f"timed out: {error}") from None
        except OutgoingError as error:
            raise FailedError(502, f"request failed: {error}") from None
        return good_body(answer)

    def _read(self, body: bytes) -> Completion:
        try:
            return read_completion(body)
        except ValueError as error:
            raise FailedError(502, str(error)) from None

    def _admits(self, address: Address) -> bool:
        return is_public(address) or any(address in network for network in self._private)


def good_body(answer: Answer) -> bytes:
    """Return the body of a 200 response; otherwise raise an error that says whose fault it is."""
    reason = f"status {answer.status}"
    wait = seconds_of(answer.headers.get("Retry-After", ""))
    if answer.status == 200:
        return answer.body
    if answer.status == 429:
        raise _TransientError(UpstreamError(503, reason, min(wait or 0, MAX_RETRY_AFTER)), wait)
    if answer.status in (502, 503, 504):
        raise _TransientError(FailedError(502, reason), wait)
    # Redirects are not followed: they could send our key anywhere.
    if answer.status < 400 or answer.status in (401, 403) or answer.status >= 500:
        raise FailedError(502, reason)
    raise UpstreamError(502, reason)


def seconds_of(retry_after: str) -> float:
    """Return the seconds to wait for a Retry-After, which may be a date; 0 if it is invalid."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        return float(retry_after)
    try:
        date = parse_date(retry_after)
    except OverflowError:
        return 0
    return max(0, (date - now()).total_seconds()) if date else 0


def init_app(app: Flask, settings: Settings) -> None:
    """Create the client. The health report shows how its last calls went, and makes none itself."""
    if settings.openai_timeout >= settings.request_timeout * deadlines.SHARE:
        _log.warning("OPENAI_TIMEOUT is not below nine tenths of REQUEST_TIMEOUT")
    upstream = Upstream(settings, service_of(app))
    app.extensions[EXTENSION] = upstream
    add_dependency(app, "upstream", upstream.breaker.works, required=False)


def current() -> Upstream:
    """Return the client of the current application."""
    return cast(Upstream, current_app.extensions[EXTENSION])
