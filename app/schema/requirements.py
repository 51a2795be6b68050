"""What the service requires of a schema."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from ..bridge.table_names import NameOptions
from ..settings.settings import Settings
from .branch import Branch
from .columns import Fields


class Requirements(Struct, frozen=True):
    """What the settings require of a schema. `task_api` None: no tasks in an adopted database.

    `fields`: additional fields by table. `storage`: there is a secondary storage, where a Node
    server may store the sessions. `branches` are those of all plugins, `labels` those whose tables
    are required. `lifts` are columns that no longer restrict a user. `password_hash`,
    `adoption_notices` and `is_https` are only for the lines of `migrate`: the kind of new hashes
    (unless the schema decides), and lines for a database that a Node server made. `names` are
    those of tables and columns, `uuid_ids` asks for UUIDs as new ids.
    """

    task_api: bool | None = None
    rate_limits: bool = False
    storage: bool = False
    fields: Fields = {}
    password_hash: str | None = None
    branches: tuple[Branch, ...] = ()
    labels: frozenset[str] = frozenset()
    lifts: frozenset[str] = frozenset()
    adoption_notices: tuple[str, ...] = ()
    is_https: bool = False
    names: NameOptions = NameOptions()
    uuid_ids: bool = False

    @property
    def required_branches(self) -> tuple[Branch, ...]:
        """Returns the branches of plugins whose tables are required."""
        return tuple(branch for branch in self.branches if branch.label in self.labels)


DEFAULTS: Final = Requirements()


def derive_requirements(settings: Settings, branches: Sequence[Branch] = ()) -> Requirements:
    """Returns what the settings require of the schema. `branches` are those of all plugins."""
    plugins = settings.plugins
    return Requirements(
        task_api=settings.offers_tasks,
        is_https=settings.is_https,
        rate_limits=settings.rate_limit.enabled and settings.rate_limit_storage == "database",
        storage=settings.redis_url is not None,
        fields={
            "user": settings.additional_fields.user,
            "session": settings.additional_fields.session,
        },
        password_hash=settings.password_hash,
        branches=tuple(branches),
        labels=frozenset(label for plugin in plugins for label in plugin.branches),
        lifts=frozenset(column for plugin in plugins for column in plugin.lifts),
        names=_collect_names(settings),
        uuid_ids=settings.advanced.database.generate_id == "uuid",
        adoption_notices=tuple(line for plugin in plugins for line in plugin.adoption_notices),
    )


def _collect_names(settings: Settings) -> NameOptions:
    every = settings.table_names
    return NameOptions(
        {table: names.model_name for table, names in every.items() if names.model_name},
        {table: names.fields for table, names in every.items() if names.fields},
    )
