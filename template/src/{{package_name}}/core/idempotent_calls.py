"""Idempotent calls: slow work outside any transaction, done once per Idempotency-Key."""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import structlog
from flask import Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from .database import now, transaction, transactional
from .errors import ProblemError
from .idempotency import fill, find, idempotent

HELD = 202  # the status of a record whose work is in progress
MARGIN = 60.0  # seconds on top of the work; an older hold was left behind by a killed process
STILL = "A request with this Idempotency-Key is still in progress; try again."

Result = TypeVar("Result")
_log = structlog.get_logger(__name__)


def call_once(
    work: Callable[[], Result], keep: Callable[[Session, Result], Response], seconds: float
) -> Response:
    """Do work that takes at most `seconds`, then `keep` its result in a transaction and respond.

    For routes without a body. A failure stores nothing, so that a retry can use the same key.

    Raises:
        ProblemError: 409 while another request with this key is in progress.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return transactional(keep)(work())
    g.json_body = None  # preempts `read_json`: there is no body to compare

    def keep_both(session: Session, result: Result) -> Response:
        response = keep(session, result)
        if record := find(session, key):
            fill(record, response)
        return response

    first = _hold()
    if _is_held(first) and _let_go(key, older=seconds + MARGIN):
        first = _hold()
    if _is_held(first):
        raise ProblemError(409, STILL, headers={"Retry-After": "1"})
    if "Idempotency-Replayed" in first.headers:
        return first
    try:
        return transactional(keep_both)(work())
    except BaseException:
        _let_go(key)
        raise


@idempotent
def _hold(session: Session) -> Response:
    """Reserve the key in its own transaction, which ends before the work begins."""
    return Response(status=HELD)


def _is_held(answer: Response) -> bool:
    """Whether another request has reserved the key and has not finished."""
    return answer.status_code == HELD and "Idempotency-Replayed" in answer.headers


def _let_go(key: str, older: float = 0) -> bool:
    """Release a hold that is at least this many seconds old, and return whether there was one."""
    try:
        with transaction() as session:
            record = find(session, key)
            age = dt.timedelta(seconds=older)
            if record is None or record.status != HELD or now() - record.created_at < age:
                return False
            session.delete(record)
            return True
    except SQLAlchemyError as error:  # the hold will expire by age
        _log.warning("idempotency key not released", error=type(error).__name__)
        return False
