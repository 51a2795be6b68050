"""Names the columns of an adopted database that responses leave out, and how to include them."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import json

from ..bridge.catalog import CatalogTable
from ..bridge.table_names import format_table_variable
from ..bridge.table_search import FoundTables, match_columns
from ..models.additional_fields import write_fields
from ..models.tables import BAN_COLUMNS, RESTRICTION_COLUMNS
from ..settings.plugin_settings import PluginSettings
from .comparison import PLUGIN_COLUMNS, describe_table
from .requirements import Requirements

# Only their plugins serve them. As additional fields they would say nothing of a ban.
_BANS: Final = frozenset({*BAN_COLUMNS, *RESTRICTION_COLUMNS})
# SQLite has no booleans: there the type of the column does not tell that these are some.
_FLAGS: Final = frozenset({"phoneNumberVerified", "isAnonymous"})


def describe_left_out(found: FoundTables, requirements: Requirements) -> Iterator[str]:
    """Returns which columns of plugins and of the application this service does not return."""
    for name in ("user", "session"):
        if name not in found:
            continue
        table = found[name].table
        fields = requirements.fields.get(name, ())
        known = [*RESTRICTION_COLUMNS, *(field.column for field in fields)]
        declared = {*known, *match_columns(table, known).values()}
        served_by_plugins = _list_names(name, requirements.on)
        plugins = match_columns(table, PLUGIN_COLUMNS[name])
        left_out = {
            key: column
            for key, column in plugins.items()
            if key not in served_by_plugins
            and (key in RESTRICTION_COLUMNS or not declared & {key, column})
        }
        yield from _describe_plugin_columns(name, table, left_out, requirements)
        served = {*found[name].columns.values(), *plugins.values(), *declared}
        own = [column for column in table.columns if column not in served]
        if own:
            yield (
                f"{describe_table(table)} has columns of your own that responses leave out"
                f" ({', '.join(own)}); to include them, declare them in {_name_variable(name)}, as"
                " on the Node server"
            )


def _describe_plugin_columns(
    name: str, table: CatalogTable, left_out: Mapping[str, str], requirements: Requirements
) -> Iterator[str]:
    """Returns which plugins serve the columns, and the fields that serve them alone."""
    offered = _list_names(name, requirements.off)
    ids = list(dict.fromkeys(offered[key] for key in left_out if key in offered))
    if ids:
        columns = ", ".join(key for key in left_out if key in offered)
        yield (
            f"{describe_table(table)} has columns of plugins that are off here ({columns}); if the"
            f" Node server has these plugins, add {', '.join(ids)} to BETTER_AUTH_PLUGINS"
        )
    suggested = {
        key: _suggest_field(key, table, column)
        for key, column in left_out.items()
        if key not in _BANS
    }
    if suggested:
        served_by_plugins = _list_names(name, requirements.on)
        kept = [
            field
            for field in requirements.fields.get(name, ())
            if field.name not in served_by_plugins
        ]
        value = json.encode({**write_fields(tuple(kept)), **suggested}).decode()
        alone = " without these plugins" if ids else ""
        yield (
            f"{describe_table(table)} has columns of plugins that responses leave out; to include"
            f" them{alone}, set {_name_variable(name)}={value}"
        )


def _list_names(table: str, plugins: tuple[PluginSettings, ...]) -> dict[str, str]:
    """Returns the plugins by the names of their fields of `user` or `session`."""
    return {
        field.name: plugin.id
        for plugin in plugins
        for field in (plugin.user_fields if table == "user" else plugin.session_fields)
    }


def _name_variable(table: str) -> str:
    return f"{format_table_variable(table)}_ADDITIONAL_FIELDS"


def _suggest_field(key: str, table: CatalogTable, column: str) -> dict[str, object]:
    declared = table.columns[column].type
    kind = "string"
    if declared.startswith("bool") or (key in _FLAGS and declared.startswith(("int", "numeric"))):
        kind = "boolean"
    elif declared.startswith(("timestamp", "date")):
        kind = "date"
    field: dict[str, object] = {"type": kind, "required": False, "input": False}
    if key == "role":
        field["defaultValue"] = "user"  # the admin plugin gives it to every new user
    return field if column == key else {**field, "fieldName": column}
