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

    The fields are columns of `user` and `session`, the cookies are keys of `advanced.cookies`, the
    branches are those of its migrations. `lifts` are the columns of `user` that no longer refuse a
    session, because the plugin checks them. `migrate` prints `adoption_notices` for a database
    that a Node server made.
    """

    id: str
    options: Struct
    user_fields: tuple[AdditionalField, ...] = ()
    session_fields: tuple[AdditionalField, ...] = ()
    cookies: tuple[str, ...] = ()
    mails: tuple[MailTemplate, ...] = ()
    branches: tuple[str, ...] = ()
    lifts: frozenset[str] = frozenset()
    adoption_notices: tuple[str, ...] = ()
    table_names: Mapping[str, TableNames] = {}


def get_folder(plugin_id: str) -> str:
    """Returns the name of a plugin in Python and (in capitals) in variables: `two_factor`."""
    return plugin_id.replace("-", "_")
