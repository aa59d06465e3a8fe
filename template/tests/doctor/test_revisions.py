"""MIG001 finds revisions that a reviewer would reject, and accepts the others."""

import ast
import json

import pytest

from .deployment import World, part
from .faults import CASES, load

load()
ENGINES = ("postgresql", "mysql", "sqlite")
LOSING = {
    'op.drop_table("things")': "drops things with its rows",
    'op.drop_column("things", "name")': "drops things.name with its values",
    'op.rename_table("things", "objects")': "renames things, which running code still uses",
    'op.alter_column("things", "name", new_column_name="title")': "renames things.name",
    'op.add_column("things", sa.Column("size", sa.Integer(), nullable=False))': (
        "adds things.size NOT NULL without a value"
    ),
    'op.alter_column("things", "name", existing_nullable=True, nullable=False)': (
        "makes things.name NOT NULL"
    ),
    'op.alter_column("things", "name", existing_type=sa.String(20), type_=sa.String(length=10))': (
        "narrows things.name"
    ),
    'op.alter_column("things", "name", existing_type=sa.Text(), type_=sa.String(99))': (
        "narrows things.name"
    ),
    'op.alter_column("things", "size", existing_type=sa.BigInteger(), type_=sa.Integer())': (
        "narrows things.size"
    ),
    'op.alter_column("things", "kind", existing_type=sa.Enum("a", "b"), type_=sa.Enum("a"))': (
        "narrows things.kind"
    ),
    'op.alter_column("things", "cost", existing_type=sa.Numeric(9, 2), type_=sa.Numeric(9, 1))': (
        "narrows things.cost"
    ),
}
LOCKING = {
    'op.create_index("ix", "things", ["name"])': ("postgresql",),
    'op.create_check_constraint("ck", "things", "size > 0")': ("postgresql",),
    'op.create_foreign_key("fk", "things", "owners", ["owner_id"], ["id"])': ("postgresql",),
    'op.alter_column("things", "size", existing_type=sa.Integer(), type_=sa.Float())': (
        "postgresql",
        "mysql",
    ),
}
HARMLESS = [
    'op.create_table("things"); op.drop_column("things", "name"); op.create_index("i", "things")',
    'op.add_column("things", sa.Column("size", sa.Integer()))',
    'op.add_column("things", sa.Column("n", sa.Integer(), nullable=False, server_default="0"))',
    'op.alter_column("things", "name", existing_type=sa.String(10), type_=sa.String(20))',
    'op.alter_column("things", "name", existing_type=sa.String(10), type_=sa.Text())',
    'op.alter_column("things", "kind", existing_type=sa.Enum("a"), type_=sa.Enum("a", "b"))',
    'op.alter_column("things", "name", existing_nullable=False, nullable=False)',
    'op.create_index("ix", "things", ["name"], postgresql_concurrently=True)',
    'op.create_foreign_key("f", "things", "o", ["o"], ["id"], postgresql_not_valid=True)',
    'op.execute("SELECT 1")',
]


def faults(statements: str, backend: str) -> list[str]:
    """Return the faults found in an upgrade made of these statements."""
    revisions = part("checks.revisions")
    module = ast.parse(f"def upgrade():\n    {statements}\n\ndef downgrade():\n    op.drop_table()")
    found = list(revisions.operations(module))
    made = {each.table for each in found if each.name == "create_table"}
    kept = [each for each in found if each.table not in made]
    return [text for each in kept for text in revisions.faults(each, backend)]


@pytest.mark.parametrize("backend", ENGINES)
@pytest.mark.parametrize(("statement", "said"), LOSING.items())
def test_destructive_operation_is_found_on_every_engine(
    statement: str, said: str, backend: str
) -> None:
    (fault,) = faults(statement, backend)
    assert fault.startswith(said)


@pytest.mark.parametrize("backend", ENGINES)
@pytest.mark.parametrize(("statement", "engines"), LOCKING.items())
def test_locking_operation_is_found_on_engines_that_lock(
    statement: str, engines: tuple[str, ...], backend: str
) -> None:
    found = faults(statement, backend)
    assert len(found) == (1 if backend in engines else 0)
    assert all("blocks writes" in fault for fault in found)


@pytest.mark.parametrize("backend", ENGINES)
@pytest.mark.parametrize("statements", HARMLESS)
def test_harmless_operation_is_accepted(statements: str, backend: str) -> None:
    assert faults(statements, backend) == []


def test_batch_operation_is_reported_with_its_table() -> None:
    batch = 'with op.batch_alter_table("things") as batch: batch.drop_column("name")'
    (fault,) = faults(batch, "sqlite")
    assert fault.startswith("drops things.name with its values")


def test_finding_names_the_file_and_line_of_the_revision(world: World) -> None:
    CASES["MIG001"](world)
    last = max((world.folder / "migrations/versions").glob("*.py"))
    (result,) = json.loads(world.run("--deploy", "--format=sarif").stdout)["runs"][0]["results"]
    assert result["message"]["text"].startswith(f"{last.name} drops things.name")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"migrations/versions/{last.name}"
    assert place["region"]["startLine"] == len(last.read_text().splitlines())


def test_reviewed_revision_is_accepted(world: World) -> None:
    CASES["MIG001"](world)
    last = max((world.folder / "migrations/versions").glob("*.py"))
    with last.open("a", encoding="utf-8") as file:
        file.write('\nreviewed = "the column was never filled"\n')
    assert world.diagnose("--deploy")["findings"] == []
