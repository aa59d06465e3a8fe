"""Migrations: the tables match the models."""

from collections.abc import Iterator
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ...core.database import db
from ..context import Context
from ..facts import facts
from ..registry import check


@check(
    "DB002",
    "error",
    "The tables do not match the models",
    why="Queries name columns that do not exist, and requests get 500.",
    remedy="""
        Upgrade the database to the newest revision:
            uv run flask db upgrade
        If the models have changed, create a revision first; if there are two heads, merge them:
            uv run flask db migrate -m "what has changed"
            uv run flask db merge heads""",
    asks="live",
)
def revisions(context: Context) -> Iterator[str]:
    """Whether the database is at the head of migrations/, and its tables match the models."""
    may_create = facts(context).may_create  # without a database, another check reports why
    app = context.app
    folder = Path(app.extensions["migrate"].directory)
    if not folder.is_dir():
        yield f"There is no {folder.name}/ here; run this in the project's folder."
        return
    config = Config()
    config.set_main_option("script_location", str(folder))
    heads = ScriptDirectory.from_config(config).get_heads()
    if len(heads) > 1:
        yield f"migrations/ has {len(heads)} heads."
        return
    with app.app_context():
        engine = db.engine.execution_options(read_only=True)
    with engine.connect() as connection:
        options = {"compare_type": True, "render_as_batch": True}
        migration = MigrationContext.configure(connection, opts=options)
        current = migration.get_current_heads()
        if set(current) != set(heads):
            yield f"The database is at {', '.join(current) or 'no revision'}, not at {heads[0]}."
            if not may_create:
                yield (
                    "The role of DATABASE_URL may not create tables: as the owner of the schema,"
                    " GRANT CREATE ON SCHEMA public TO that role, or upgrade as another role."
                )
            return
        changes = compare_metadata(migration, db.metadata)
    if changes:
        yield f"Changes to the models that are in no revision: {len(changes)}."
