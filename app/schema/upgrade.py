"""Runs Alembic. Loaded only when there is something to migrate."""

import os
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from .names import VERSION_TABLE, quote_name
from .plan import MigrationPlan

_READ_PATH: Final = "select current_setting('search_path')"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, plan: MigrationPlan) -> None:
    """Runs the plan in the current transaction of `connection`."""
    config = configure(plan.folders)
    config.attributes.update(connection=connection, plan=plan, schema=plan.own_schema or None)
    for statement in plan.list_first_statements():
        connection.exec_driver_sql(statement)
    for branch in plan.branches:
        path = plan.find_search_path(branch)
        if path is None:
            command.upgrade(config, f"{branch}@head")
            continue
        # Behind a pooler the path is the transaction's own, so that it has no default.
        before = connection.exec_driver_sql(_READ_PATH).scalar_one()
        connection.exec_driver_sql(_render_path(path))
        command.upgrade(config, f"{branch}@head")
        connection.exec_driver_sql("select set_config('search_path', $1, true)", (before,))
    for statement in plan.list_last_statements():
        connection.exec_driver_sql(statement)


def upgrade_sql(dialect: str, plan: MigrationPlan) -> str:
    """Returns the SQL of the same, for an operator to run, whose search path may be another."""
    script = StringIO()
    config = configure(plan.folders, script)
    config.attributes.update(dialect=dialect, plan=plan, schema=plan.own_schema or None)
    heads = ScriptDirectory.from_config(config).get_revisions
    revisions = plan.revisions
    home = f"set local search_path to {quote_name(plan.schema)};\n\n" if plan.schema else ""
    script.write(home)
    script.writelines(f"{statement};\n\n" for statement in plan.list_first_statements())
    for branch in plan.branches:
        path = plan.find_search_path(branch)
        config.attributes.update(versions=revisions or None)
        script.write(f"{_render_path(path)};\n\n" if path is not None else "")
        command.upgrade(config, f"{branch}@head", sql=True)
        script.write(home if path is not None else "")
        revisions += tuple(head.revision for head in heads(f"{branch}@head"))
    script.writelines(f"{statement};\n\n" for statement in plan.list_last_statements())
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


def _render_path(schema: str) -> str:
    first = quote_name(schema).replace("'", "''")
    rest = "current_setting('search_path')"
    return f"select set_config('search_path', '{first}, ' || {rest}, true)"
