"""Alembic, driven from here; loaded only when there is something to migrate."""

from io import StringIO
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"


def upgrade(connection: Connection, *, branches: tuple[str, ...], adopted: bool) -> None:
    """Brings the branches to their heads in the transaction that `connection` is in."""
    config = configuration()
    config.attributes.update(connection=connection, adopted=adopted)
    for branch in branches:
        command.upgrade(config, f"{branch}@head")


def upgrade_sql(
    dialect: str, *, branches: tuple[str, ...], adopted: bool, versions: tuple[str, ...]
) -> str:
    """The SQL of the same, from `versions` on, for an operator to run."""
    script = StringIO()
    config = configuration(script)
    heads = ScriptDirectory.from_config(config).get_revisions
    for branch in branches:
        config.attributes.update(dialect=dialect, adopted=adopted, versions=versions or None)
        command.upgrade(config, f"{branch}@head", sql=True)
        versions += tuple(head.revision for head in heads(f"{branch}@head"))
    return f"BEGIN;\n\n{script.getvalue().strip()}\n\nCOMMIT;\n"


def configuration(output: StringIO | None = None) -> Config:
    """Where Alembic finds the migrations."""
    config = Config(output_buffer=output or StringIO())
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
