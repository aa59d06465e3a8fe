"""Quotas: how many rows one owner may have in a table, whatever a view creates."""

from collections import Counter
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from .database import db
from .errors import ProblemError
from .identity import current_owner
from .settings import Settings

MAX_ROWS = "service.owner_max_rows"
EXEMPT = "idempotency_records"  # which end by themselves
USED_UP = "You have as many of these as you may; delete some first."


def init_app(app: Flask, settings: Settings) -> None:
    """Hold owners to OWNER_MAX_ROWS; 0 is any number."""
    app.extensions[MAX_ROWS] = settings.owner_max_rows


@event.listens_for(db.session, "before_flush")
def check(session: Session, *_: Any) -> None:
    """Raise a ProblemError (403) where an owner would have too many rows.

    Two requests at once may each create the last one.
    """
    most: int = current_app.extensions.get(MAX_ROWS, 0)
    if not most:
        return
    owner = current_owner()
    owned = (each for each in session.new if getattr(each, "owner", None) == owner)
    for model, new in Counter[Any](map(type, owned)).items():
        if model.__tablename__ == EXEMPT:
            continue
        mine = select(func.count()).select_from(model).where(model.owner == owner)
        if (session.scalar(mine) or 0) + new > most:
            raise ProblemError(403, USED_UP)
