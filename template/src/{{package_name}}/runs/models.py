"""Runs: the database model. Runs are never updated, and are deleted with their experiment."""

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..core.database import TABLE_OPTIONS, Base, UTCDateTime, now
from ..core.idempotency import LONG_TEXT
from ..experiments.models import Experiment


class Run(Base):
    """A model's answer, and its cost in tokens."""

    __tablename__ = "runs"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    experiment_id: Mapped[int] = mapped_column(
        ForeignKey(Experiment.id, ondelete="CASCADE"), index=True
    )
    model: Mapped[str] = mapped_column(String(200))
    answer: Mapped[str] = mapped_column(LONG_TEXT)
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    total_tokens: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, default=now)
