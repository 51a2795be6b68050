"""What the service requires of a schema."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from ..bridge.table_names import NameOptions
from ..settings.plugin_settings import PluginSettings
from ..settings.settings import Settings
from .branch import Branch
from .columns import Fields, Place


class Requirements(Struct, frozen=True):
    """What the settings require of a schema.

    `task_api` None: no tasks in an adopted database. `audit` None: no audit in one.

    `fields`: additional fields by table. `unique`: the columns of plugins that must be unique, also
    where others made them. `storage`: there is a secondary storage, where a Node
    server may store the sessions. `branches` are those of all plugins, `labels` those whose tables
    are required. `lifts` are columns that no longer restrict a user. `password_hash`,
    `adoption_notices`, `is_https`, `on` and `off` are only for the lines of `migrate`: the kind of
    new hashes (unless the schema decides), lines for a database that a Node server made, the
    plugins that `BETTER_AUTH_PLUGINS` names, and those that it could name. `names` are those of
    tables and columns, `uuid_ids` asks for UUIDs as new ids.
    """

    task_api: bool | None = None
    audit: bool | None = None
    rate_limits: bool = False
    webhooks: bool = False
    storage: bool = False
    fields: Fields = {}
    unique: frozenset[Place] = frozenset()
    password_hash: str | None = None
    branches: tuple[Branch, ...] = ()
    labels: frozenset[str] = frozenset()
    lifts: frozenset[str] = frozenset()
    adoption_notices: tuple[str, ...] = ()
    is_https: bool = False
    on: tuple[PluginSettings, ...] = ()
    off: tuple[PluginSettings, ...] = ()
    names: NameOptions = NameOptions()
    uuid_ids: bool = False

    @property
    def required_branches(self) -> tuple[Branch, ...]:
        """Returns the branches of plugins whose tables are required."""
        return tuple(branch for branch in self.branches if branch.label in self.labels)

    def compose_plugins(self, more: Iterable[str]) -> str:
        """Returns the line of `.env` that switches more plugins on, with those that are on."""
        ids = dict.fromkeys((*(plugin.id for plugin in self.on), *more))
        return f"BETTER_AUTH_PLUGINS={','.join(ids)}"


DEFAULTS: Final = Requirements()


def derive_requirements(
    settings: Settings,
    branches: Sequence[Branch] = (),
    *,
    off: Sequence[PluginSettings] = (),
) -> Requirements:
    """Returns what the settings require of the schema.

    `branches` are those of all plugins; `off` are the plugins that could be switched on.
    """
    plugins = settings.plugins
    return Requirements(
        task_api=settings.offers_tasks,
        audit=settings.audit,
        is_https=settings.is_https,
        rate_limits=settings.rate_limit.enabled and settings.rate_limit_storage == "database",
        webhooks=settings.webhook_url is not None,
        storage=settings.redis_url is not None,
        fields={
            "user": settings.additional_fields.user,
            "session": settings.additional_fields.session,
            **{name: each for plugin in plugins for name, each in plugin.table_fields.items()},
        },
        unique=frozenset(
            ("user", field.column)
            for plugin in plugins
            for field in plugin.user_fields
            if field.unique
        ),
        password_hash=settings.password_hash,
        branches=tuple(branches),
        labels=frozenset(label for plugin in plugins for label in plugin.branches),
        lifts=frozenset(column for plugin in plugins for column in plugin.lifts),
        names=_collect_names(settings),
        uuid_ids=settings.advanced.database.generate_id == "uuid",
        on=tuple(plugin for plugin in plugins if not plugin.always_on),
        off=tuple(off),
        adoption_notices=tuple(line for plugin in plugins for line in plugin.adoption_notices),
    )


def _collect_names(settings: Settings) -> NameOptions:
    every = settings.table_names
    return NameOptions(
        {table: names.model_name for table, names in every.items() if names.model_name},
        {table: names.fields for table, names in every.items() if names.fields},
    )
