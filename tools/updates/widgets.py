"""A blueprint as users add one to a project: model, revision, view, tests, setting."""

FILES = {
    "src/{package}/widgets/__init__.py": '''"""Widgets: what this service is about."""

from .views import blueprint, note

__all__ = ["blueprint", "note"]
''',
    "src/{package}/widgets/models.py": '''"""Widgets as they are stored."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import TABLE_OPTIONS, Base


class Widget(Base):
    """A widget and its owner."""

    __tablename__ = "widgets"
    __table_args__ = (TABLE_OPTIONS,)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
''',
    "src/{package}/widgets/views.py": '''"""Widgets over HTTP."""

from flask import Response, current_app, g, jsonify
from marshmallow import Schema, fields
from sqlalchemy import select

from ..database import db
from ..identity import current_owner
from ..openapi import ApiBlueprint
from .models import Widget

blueprint = ApiBlueprint("widgets", "Widgets", "/api/v1/widgets")


class WidgetList(Schema):
    """All of them."""

    names = fields.List(fields.String(), required=True)


@blueprint.route("", "GET")
@blueprint.returns(200, WidgetList())
def list_widgets() -> Response:
    """List your widgets"""
    limit = current_app.extensions["service.settings"].widget_limit
    mine = select(Widget.name).where(Widget.owner == current_owner()).limit(limit)
    return jsonify(names=list(db.session.scalars(mine)))


def note() -> None:
    """Note that widgets are served here."""
    g.widgets = True
''',
    "migrations/versions/0100_widgets.py": '''"""Widgets"""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "widgets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_widgets"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
    )


def downgrade() -> None:
    op.drop_table("widgets")
''',
    "tests/widgets/__init__.py": "",
    "tests/widgets/test_widgets.py": '''"""Widgets are listed."""

from flask.testing import FlaskClient


def test_nobody_has_widgets_at_first(caller: FlaskClient, no_widgets: dict[str, list[str]]) -> None:
    assert caller.get("/api/v1/widgets").get_json() == no_widgets
''',
}

DROP_EXPERIMENTS = '''"""Drop experiments"""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None


PARTS = {parts}


def upgrade() -> None:
    for part in PARTS:
        op.drop_table(part)


def downgrade() -> None:
    for part in PARTS:
        op.create_table(part, sa.Column("id", sa.Integer(), primary_key=True))
'''
