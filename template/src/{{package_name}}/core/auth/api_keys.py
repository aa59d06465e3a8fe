"""API keys: found by prefix, verified against a digest of 256 random bits (ASVS 11.4)."""

import datetime as dt
import hashlib
import hmac
import re
import secrets

import click
import structlog
from sqlalchemy import String, bindparam, delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..database import TABLE_OPTIONS, Base, UTCDateTime, db, now

DESCRIPTION = "An API key, created with `flask api-key create`."
USE_NOTED_EVERY = dt.timedelta(hours=1)

_key_parts = re.compile(r"sk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}").fullmatch
_log = structlog.get_logger(__name__)


class ApiKey(Base):
    """An API key. Keys that replace each other share name and owner, and so own the same rows."""

    __tablename__ = "api_keys"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    owner: Mapped[str] = mapped_column(String(64))
    prefix: Mapped[str] = mapped_column(String(12), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    @property
    def state(self) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now() else "active"


FOUND = (ApiKey.id, ApiKey.owner, ApiKey.digest, ApiKey.expires_at, ApiKey.last_used_at)
FIND = select(*FOUND).where(ApiKey.prefix == bindparam("prefix"), ApiKey.revoked_at.is_(None))


class KeyNameError(click.ClickException):
    """A key with this name already exists, or none does."""


def create(session: Session, name: str, lifetime: dt.timedelta | None) -> str:
    """Create the first key named `name`, with its own owner; raises KeyNameError."""
    if session.scalars(select(ApiKey).filter_by(name=name)).first():
        raise KeyNameError(f"A key named {name} already exists; see `flask api-key rotate`.")
    return _add(session, name, secrets.token_hex(16), lifetime)


def rotate(
    session: Session, name: str, lifetime: dt.timedelta | None, overlap: dt.timedelta
) -> str:
    """Create the next key named `name`; the active ones remain valid for `overlap`."""
    keys = _keys(session, name)
    end = now() + overlap
    for key in keys:
        if key.state == "active" and (key.expires_at is None or key.expires_at > end):
            key.expires_at = end
    return _add(session, name, keys[-1].owner, lifetime)


def revoke(session: Session, name: str) -> int:
    """Revoke the active keys named `name` immediately, and return how many there were."""
    active = [key for key in _keys(session, name) if key.state == "active"]
    for key in active:
        key.revoked_at = now()
    return len(active)


def prune(session: Session, age: dt.timedelta) -> int:
    """Delete keys that expired or were revoked at least `age` ago, and return how many."""
    end = now() - age
    ended = or_(ApiKey.revoked_at <= end, ApiKey.expires_at <= end)
    return len(session.scalars(delete(ApiKey).where(ended).returning(ApiKey.id)).all())


def _keys(session: Session, name: str) -> list[ApiKey]:
    keys = list(session.scalars(select(ApiKey).filter_by(name=name).order_by(ApiKey.id)))
    if not keys:
        raise KeyNameError(f"There is no key named {name}; see `flask api-key list`.")
    return keys


def _add(session: Session, name: str, owner: str, lifetime: dt.timedelta | None) -> str:
    prefix = secrets.token_hex(6)
    key = f"sk_{prefix}_{secrets.token_urlsafe(32)}"
    expires_at = now() + lifetime if lifetime else None
    row = ApiKey(name=name, owner=owner, prefix=prefix, digest=_digest(key), expires_at=expires_at)
    session.add(row)
    return key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def verify(credential: str) -> str | None:
    """Return the owner of a known and active key, else None. Uses its own connection."""
    parts = _key_parts(credential)
    if parts is None:
        return None
    with db.engine.execution_options(read_only=True).connect() as connection:
        row = connection.execute(FIND, {"prefix": parts[1]}).first()
    # Compare even if no key was found, so that timing does not reveal whether one exists.
    matches = hmac.compare_digest(row.digest if row else "0" * 64, _digest(credential))
    if row is None or not matches or (row.expires_at is not None and row.expires_at <= now()):
        return None
    if row.last_used_at is None or now() - row.last_used_at >= USE_NOTED_EVERY:
        _note_use(row.id)
    return str(row.owner)


def _note_use(key_id: int) -> None:
    """Record when a key was last used, at most hourly. Errors do not fail the request."""
    statement = update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now())
    try:
        with db.engine.execution_options(read_only=False).begin() as connection:
            connection.execute(statement)
    except SQLAlchemyError as error:
        _log.warning("last use of a key not recorded", error=type(error).__name__)
