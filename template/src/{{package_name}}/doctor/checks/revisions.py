"""Revisions: find in their code what a review of migrations would reject."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...settings.validators import parse_database_url
from ..column_types import change_of_type
from ..context import Context
from ..registry import Located, check

# The position of the table's name among the arguments; in a batch, it is not one of them.
TABLE_ARGUMENT = {
    "create_check_constraint": 1,
    "create_foreign_key": 1,
    "create_index": 1,
    "create_unique_constraint": 1,
}
CONSTRAINTS = ("create_check_constraint", "create_foreign_key")


@dataclass
class Operation:
    """A call on `op` or on a batch, in `upgrade`."""

    name: str
    table: str
    call: ast.Call

    def argument(self, name: str) -> ast.expr | None:
        """Return a keyword argument, if it is there."""
        return next((each.value for each in self.call.keywords if each.arg == name), None)

    def is_true(self, name: str) -> bool:
        """Return whether a keyword argument is there and not False."""
        value = self.argument(name)
        return value is not None and not is_constant(value, False)

    @property
    def column(self) -> str:
        """The table and column that the operation changes."""
        last = text_of(self.call, len(self.call.args) - 1)
        return f"{self.table}.{last or '?'}"


@check(
    "MIG001",
    "error",
    "A revision loses data or disrupts a table in use",
    why="While it runs, the previous release still reads and writes the table and its rows.",
    remedy="""
        Do what the finding says, in two releases if it takes two. If the revision is harmless
        here, say why in it, and the doctor skips it:
            reviewed = "nothing has been stored in this column yet"
        Do the same in old revisions that have already run everywhere.""",
)
def revisions(context: Context) -> Iterator[str]:
    """The code of migrations/versions: whether it drops, renames or narrows columns or tables in
    use, makes columns NOT NULL, or locks a table for long on this database."""
    folder = Path(context.app.extensions["migrate"].directory)
    backend = parse_database_url(context.settings.database_url).get_backend_name()
    for file in sorted((folder / "versions").glob("*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        if is_reviewed(module):
            continue
        found = list(operations(module))
        made_here = {each.table for each in found if each.name == "create_table"}
        for operation in found:
            if operation.table not in made_here:
                for text in faults(operation, backend):
                    yield Located.on(file, operation.call.lineno, f"{file.name} {text}")


def is_reviewed(module: ast.Module) -> bool:
    """Return whether the revision says why it does no harm."""
    for statement in module.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            names = [each.id for each in statement.targets if isinstance(each, ast.Name)]
            if names == ["reviewed"] and str(statement.value.value).strip():
                return True
    return False


def operations(module: ast.Module) -> Iterator[Operation]:
    """Yield what `upgrade` does, as far as it is written out."""
    batches = {"op": ""}
    for upgrade in (each for each in module.body if isinstance(each, ast.FunctionDef)):
        if upgrade.name != "upgrade":
            continue
        for node in ast.walk(upgrade):
            if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
                call = node.context_expr
                if isinstance(call, ast.Call):
                    batches[node.optional_vars.id] = text_of(call, 0)
        for node in ast.walk(upgrade):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id in batches:
                    place = TABLE_ARGUMENT.get(node.func.attr, 0)
                    table = batches[owner.id] or text_of(node, place)
                    yield Operation(node.func.attr, table, node)


def faults(operation: Operation, backend: str) -> Iterator[str]:
    """Yield what is wrong with an operation, and the safe way."""
    name, table = operation.name, operation.table
    if name == "drop_table":
        yield f"drops {table or 'a table'} with its rows: first release code that does not use it."
    elif name == "drop_column":
        column = operation.column
        yield f"drops {column} with its values: first release code that does not use it."
    elif name == "rename_table":
        yield f"renames {table}, which running code still uses: add a table and copy the rows."
    elif name == "add_column":
        yield from _added(operation)
    elif name == "alter_column":
        yield from _altered(operation, backend)
    elif backend == "postgresql":
        yield from _locking(operation)


def _added(operation: Operation) -> Iterator[str]:
    """Report a new NOT NULL column without a value for existing rows."""
    columns = [each for each in operation.call.args if isinstance(each, ast.Call)]
    given = {each.arg: each.value for column in columns for each in column.keywords}
    if is_constant(given.get("nullable"), False) and "server_default" not in given:
        name = text_of(columns[0], 0)
        yield (
            f"adds {operation.table}.{name} NOT NULL without a value for existing rows: give it a"
            " server_default, or fill it before making it NOT NULL."
        )


def _altered(operation: Operation, backend: str) -> Iterator[str]:
    """Report a column that gets another name or type, or becomes NOT NULL."""
    column = operation.column
    if operation.argument("new_column_name"):
        yield f"renames {column}, which running code still uses: add a column and copy the values."
    becomes = is_constant(operation.argument("nullable"), False)
    if becomes and not is_constant(operation.argument("existing_nullable"), False):
        yield (
            f"makes {column} NOT NULL, which fails if a row has NULL: fill it in an earlier"
            " revision, and say so in this one's `reviewed`."
        )
    change = change_of_type(operation.argument("existing_type"), operation.argument("type_"))
    if change == "narrower":
        yield f"narrows {column}, whose values may not fit: check or shorten them first."
    elif change == "other" and backend != "sqlite":
        yield (
            f"changes the type of {column}, which rewrites the table and blocks writes: add a"
            " column, copy the values in batches, then drop this one."
        )


def _locking(operation: Operation) -> Iterator[str]:
    """Report what makes PostgreSQL block writes, for longer the larger the table is."""
    if operation.name == "create_index" and not operation.is_true("postgresql_concurrently"):
        yield (
            f"creates an index on {operation.table}, which blocks writes: in an"
            " op.get_context().autocommit_block(), pass postgresql_concurrently=True."
        )
    if operation.name in CONSTRAINTS and not operation.is_true("postgresql_not_valid"):
        yield (
            f"checks every row of {operation.table}, which blocks writes: pass"
            " postgresql_not_valid=True, and VALIDATE CONSTRAINT in a later revision."
        )


def text_of(call: ast.Call, place: int) -> str:
    """Return a positional argument if it is a string literal, else an empty string."""
    argument = call.args[place] if len(call.args) > place else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return ""


def is_constant(node: ast.expr | None, value: object) -> bool:
    """Return whether the expression is this value, written out."""
    return isinstance(node, ast.Constant) and node.value is value
