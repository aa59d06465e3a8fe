"""The bare twin: the same routes on plain Flask and Flask-SQLAlchemy, without any protection.

Everything else is the same: the database, its driver and how it writes to the disk.
"""

import datetime as dt
import os
from typing import Any

from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from marshmallow import Schema, fields, validate
from sqlalchemy import JSON, DateTime, Numeric, String, Text, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

OWNER = "anybody"


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db.init_app(app)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Experiment(Base):
    __tablename__ = "experiments"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), default=OWNER)
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(Text)
    limit: Mapped[int] = mapped_column(default=10)
    temperature: Mapped[float] = mapped_column(Numeric(3, 2, asdecimal=False), default=1)
    status: Mapped[str] = mapped_column(String(20), default="draft")
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    scheduled_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), default=now)
    version: Mapped[int] = mapped_column(default=1)

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "query": self.query,
            "limit": self.limit,
            "temperature": self.temperature,
            "status": self.status,
            "parameters": self.parameters,
            "scheduled_at": self.scheduled_at and self.scheduled_at.isoformat(),
            "id": self.id,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }


class Body(Schema):
    """The same body as in routes.py, with marshmallow's own fields."""

    name = fields.String(required=True, validate=validate.Length(1, 100))
    query = fields.String(required=True, validate=validate.Length(1, 10_000))
    limit = fields.Integer(validate=validate.Range(1, 100))


body = Body()


@app.get("/bench/ping")
def ping() -> Any:
    return jsonify(answer="pong", number=42)


@app.post("/bench/echo")
def echo() -> Any:
    return jsonify(request.get_json())


@app.post("/bench/checked")
def checked() -> Any:
    return jsonify(body.load(request.get_json()))


@app.get("/api/v1/experiments/<int:number>")
def get_experiment(number: int) -> Any:
    return jsonify(db.get_or_404(Experiment, number).as_dict())


@app.get("/api/v1/experiments")
def list_experiments() -> Any:
    page, page_size = (request.args.get(name, 1, int) for name in ("page", "page_size"))
    mine = select(Experiment).where(Experiment.owner == OWNER)
    total = db.session.scalar(select(func.count()).select_from(mine.subquery()))
    ordered = mine.order_by(Experiment.created_at.desc(), Experiment.id)
    rows = db.session.scalars(ordered.limit(page_size).offset((page - 1) * page_size))
    items = [row.as_dict() for row in rows]
    return jsonify(items=items, page=page, page_size=page_size, total=total)


@app.post("/api/v1/experiments")
def create_experiment() -> Any:
    experiment = Experiment(**request.get_json())
    db.session.add(experiment)
    db.session.commit()
    location = f"/api/v1/experiments/{experiment.id}"
    return jsonify(experiment.as_dict()), 201, {"Location": location}


if os.environ["DATABASE_URL"].startswith("sqlite"):
    with app.app_context():

        @event.listens_for(db.engine, "connect")
        def write_as_the_service_does(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA synchronous = NORMAL")
