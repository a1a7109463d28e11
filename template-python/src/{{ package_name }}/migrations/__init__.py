"""The history of the database's schema; `make migrate` applies what is missing."""

from pathlib import Path

from alembic import op


def run_sql_beside(module: str) -> None:
    """Run the statements of the SQL file that is named like a module of versions."""
    for statement in Path(module).with_suffix(".sql").read_text(encoding="utf-8").split(";"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
