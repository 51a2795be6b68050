"""The revisions of the migrations, read once by a process and not by each migration.

To find and import the files is half of what the migration of an empty file takes.
"""

from alembic.config import Config
from alembic.script import ScriptDirectory

_read = ScriptDirectory.from_config
_READ: dict[str | None, ScriptDirectory] = {}


def share_read() -> None:
    """For as long as this process lives, and in its forks."""
    ScriptDirectory.from_config = _from_config  # type: ignore[method-assign]  # the same, kept


def _from_config(config: Config) -> ScriptDirectory:
    places = config.get_main_option("version_locations")
    if places not in _READ:
        _READ[places] = _read(config)
    return _READ[places]
