"""The data of plugins in the settings: which are on, their options, what these require."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from ..models.additional_fields import AdditionalField
from .option_types import TableNames


class MailTemplate(Struct, frozen=True):
    """A kind of mail: `folder` has `<kind>.txt` and `<kind>.html`.

    `placeholders` are the names that may stand in them in double braces, `needed` is one that must.
    """

    kind: str
    folder: Path
    placeholders: frozenset[str]
    needed: str


class PluginSettings(Struct, frozen=True, kw_only=True):
    """A plugin that is on.

    The fields are columns of `user`, of `session` and of its own tables, the cookies are keys of
    `advanced.cookies`, the branches are those of its migrations, `table_columns` the columns that
    the tables always have which they make.
    `lifts` are the columns of `user` that no longer refuse a session, because the plugin checks
    them. `migrate` prints `adoption_notices` for a database that a Node server made. In seconds:
    `longest_session` is the age that its sessions may reach, `longest_window` the longest window of
    its rate limits.
    """

    id: str
    options: Struct
    always_on: bool = False
    user_fields: tuple[AdditionalField, ...] = ()
    session_fields: tuple[AdditionalField, ...] = ()
    table_fields: Mapping[str, tuple[AdditionalField, ...]] = {}
    cookies: tuple[str, ...] = ()
    mails: tuple[MailTemplate, ...] = ()
    branches: tuple[str, ...] = ()
    lifts: frozenset[str] = frozenset()
    adoption_notices: tuple[str, ...] = ()
    table_names: Mapping[str, TableNames] = {}
    longest_session: int = 0
    longest_window: int = 0
    table_columns: Mapping[str, tuple[str, ...]] = {}


def get_folder(plugin_id: str) -> str:
    """Returns the name of a plugin in Python and (in capitals) in variables: `two_factor`."""
    return plugin_id.replace("-", "_")
