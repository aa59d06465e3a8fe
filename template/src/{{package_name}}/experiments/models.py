"""Experiments: the database model."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, Enum, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..core.database import TABLE_OPTIONS, Base, BoundedJSON, UTCDateTime, now

MAX_PARAMETERS = 16_384  # bytes as JSON; a page of a list holds up to a hundred of them


class Status(enum.StrEnum):
    """The status of an experiment."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Experiment(Base):
    """A query for a language model, and the parameters to run it with."""

    __tablename__ = "experiments"
    __table_args__ = (
        UniqueConstraint("owner", "name"),
        CheckConstraint('"limit" BETWEEN 1 AND 100', name="limit"),
        CheckConstraint("temperature BETWEEN 0 AND 2", name="temperature"),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(Text)
    limit: Mapped[int] = mapped_column(default=10)
    temperature: Mapped[float] = mapped_column(Numeric(3, 2, asdecimal=False), default=1)
    status: Mapped[Status] = mapped_column(
        Enum(Status, native_enum=False, length=20, values_callable=lambda kind: list(kind)),
        default=Status.DRAFT,
        index=True,
    )
    parameters: Mapped[dict[str, Any]] = mapped_column(BoundedJSON(MAX_PARAMETERS), default=dict)
    scheduled_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)
    version: Mapped[int] = mapped_column()

    # Updating a row that has changed since it was read fails (412).
    __mapper_args__ = {"version_id_col": version}
