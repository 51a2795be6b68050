"""Runs Alembic. Loaded only when there is something to migrate."""

import os
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from .plan import MigrationPlan
from .state import VERSION_TABLE

_MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"


def upgrade(connection: Connection, plan: MigrationPlan) -> None:
    """Runs the plan in the current transaction of `connection`."""
    config = configure(plan.folders)
    config.attributes.update(connection=connection, plan=plan)
    for branch in plan.branches:
        command.upgrade(config, f"{branch}@head")
    for statement in plan.column_statements:
        connection.execute(text(statement))


def upgrade_sql(dialect: str, plan: MigrationPlan) -> str:
    """Returns the SQL of the same, for an operator to run."""
    script = StringIO()
    config = configure(plan.folders, script)
    heads = ScriptDirectory.from_config(config).get_revisions
    revisions = plan.revisions
    for branch in plan.branches:
        config.attributes.update(dialect=dialect, plan=plan, versions=revisions or None)
        command.upgrade(config, f"{branch}@head", sql=True)
        revisions += tuple(head.revision for head in heads(f"{branch}@head"))
    script.writelines(f"{statement};\n\n" for statement in plan.column_statements)
    return f"BEGIN;\n\n{script.getvalue().strip()}\n\nCOMMIT;\n"


def configure(folders: Sequence[str] = (), output: StringIO | None = None) -> Config:
    """Returns Alembic's configuration. `folders` have the migrations of plugins."""
    config = Config(output_buffer=output or StringIO())
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    every = os.pathsep.join((str(_MIGRATIONS / "versions"), *folders))
    config.set_main_option("version_locations", every.replace("%", "%%"))
    config.attributes["version_table"] = VERSION_TABLE
    return config
