"""Idempotency: a repeated key replays its response (draft-ietf-httpapi-idempotency-key-header)."""

import datetime as dt
import functools
import hashlib
import re
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec

import structlog
from flask import Flask, Response, json, request
from sqlalchemy import BigInteger, Integer, String, Text, UniqueConstraint, delete, select
from sqlalchemy.dialects.mysql import MEDIUMTEXT
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from .api.blueprint import IDEMPOTENCY_KEY, Blueprint
from .api.json_body import read_json
from .auth.owner import current_owner
from .database import TABLE_OPTIONS, Base, UTCDateTime, now, transaction, transactional
from .database.driver_errors import is_duplicate
from .errors import ProblemError
from .service import current_service, service_of

KEPT = dt.timedelta(days=1)
PRUNED_EVERY = 3600.0  # seconds, in each process
BATCH = 1000  # records deleted at once; deleting all in one statement might take too long
LONG_ID = BigInteger().with_variant(Integer(), "sqlite")  # whose INTEGER has 64 bits
LONG_TEXT = Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")
KEPT_HEADERS = ("Content-Type", "Location", "ETag")

P = ParamSpec("P")
_acceptable_key = re.compile(r"[!-~]{1,255}").fullmatch
_log = structlog.get_logger(__name__)


class IdempotencyRecord(Base):
    """The response stored under an owner's key."""

    __tablename__ = "idempotency_records"
    __table_args__ = (UniqueConstraint("owner", "key"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(LONG_ID, primary_key=True)  # 31 bits last 8 months at 100/s
    owner: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(LONG_TEXT)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, default=now, index=True)


def idempotent(view: Callable[Concatenate[Session, P], Response]) -> Callable[P, Response]:
    """Run the view in a transaction that also stores its response under the request's key.

    Also documents the header. Place it above `response`, whose result is stored.
    """

    run_plainly = transactional(view)

    @Blueprint.doc(parameters=[IDEMPOTENCY_KEY])
    @functools.wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return run_plainly(*args, **kwargs)
        if not _acceptable_key(key):
            reason = {
                "in": "header",
                "field": "Idempotency-Key",
                "reason": "Must be 1 to 255 ASCII characters from ! to ~.",
            }
            raise ProblemError(422, errors=[reason])
        fingerprint = _fingerprint()

        @transactional
        def run_once(session: Session) -> Response:
            if record := find(session, key):
                return _replay(record, fingerprint)
            record = _reserve(session, key, fingerprint)
            response = view(session, *args, **kwargs)
            if response.status_code < 400:
                fill(record, response)
            else:
                session.delete(record)
            return response

        try:
            response = run_once()
        except IntegrityError as error:
            # Another request with this key may have been first; then replay its response.
            if is_duplicate(error):
                with transaction() as session:
                    if record := find(session, key):
                        return _replay(record, fingerprint)
            raise
        _prune_now_and_then()
        return response

    return run


def _fingerprint() -> str:
    body = json.dumps(read_json(), sort_keys=True)
    return hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()


def find(session: Session, key: str) -> IdempotencyRecord | None:
    """Return the record of this owner's key, unless it is too old to replay."""
    query = select(IdempotencyRecord).filter_by(owner=current_owner(), key=key)
    return session.scalars(query.where(IdempotencyRecord.created_at > now() - KEPT)).first()


def _reserve(session: Session, key: str, fingerprint: str) -> IdempotencyRecord:
    """Reserve the key before doing the work: a second request waits here for the first."""
    owner = current_owner()
    # Delete only an old record: another request may have stored a new one since we looked.
    old = IdempotencyRecord.created_at <= now() - KEPT
    session.execute(delete(IdempotencyRecord).filter_by(owner=owner, key=key).where(old))
    empty = {"status": 0, "headers": "{}", "body": ""}
    record = IdempotencyRecord(owner=owner, key=key, fingerprint=fingerprint, **empty)
    session.add(record)
    session.flush()
    return record


def fill(record: IdempotencyRecord, response: Response) -> None:
    """Store the response in the record."""
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    record.status = response.status_code
    record.headers = json.dumps(kept)
    record.body = response.get_data(as_text=True)


def _replay(record: IdempotencyRecord, fingerprint: str) -> Response:
    if record.fingerprint != fingerprint:
        raise ProblemError(422, "This Idempotency-Key was already used for a different request.")
    response = Response(record.body, record.status)
    response.headers.update(json.loads(record.headers))
    response.headers["Idempotency-Replayed"] = "true"
    return response


def init_app(app: Flask) -> None:
    """Make the table known to migrations. The first idempotent request prunes old records."""
    service_of(app).pruning_due = 0.0


def _prune_now_and_then() -> None:
    """Prune once an hour in each process, in a transaction separate from the request's own.

    After a full batch, the next request continues.
    """
    service = current_service()
    if time.monotonic() < service.pruning_due:
        return
    service.pruning_due = time.monotonic() + PRUNED_EVERY
    try:
        with transaction() as session:
            if prune(session) == BATCH:
                service.pruning_due = 0.0
    except SQLAlchemyError as error:
        _log.warning("idempotency records not pruned", error=type(error).__name__)


def prune(session: Session) -> int:
    """Delete a batch of records that can no longer be replayed, and return how many there were."""
    old = select(IdempotencyRecord.id).where(IdempotencyRecord.created_at <= now() - KEPT)
    found = session.scalars(old.limit(BATCH)).all()
    session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.id.in_(found)))
    return len(found)
