"""Lists the settings under the names of their variables, without the secrets."""

from collections.abc import Iterator
from typing import Final

from msgspec import NODEFAULT, Struct

from .option_values import list_values
from .settings import Settings
from .variables import PLUGINS, Option, Variables

HIDDEN: Final = "(set)"  # in place of a secret


class ListedSetting(Struct, frozen=True):
    """A variable with its value. `is_default`: nobody changed it."""

    name: str
    value: object
    is_default: bool


def list_settings(settings: Settings, variables: Variables) -> Iterator[ListedSetting]:
    """Yields every setting of the service and of the plugins that are on."""
    for option, value in list_values(settings, variables):
        if option.path == PLUGINS:
            chosen = tuple(each.id for each in settings.plugins if not each.always_on)
            yield _describe(option, chosen)
        else:
            yield _describe(option, value)


def _describe(option: Option, value: object) -> ListedSetting:
    is_default = option.default is not NODEFAULT and value == option.default
    hidden = option.is_secret and value not in (None, ())
    # A file of SQLite has no password, and where it lies is the first question.
    if hidden and str(value).startswith("sqlite"):
        hidden = False
    shown = HIDDEN if hidden else _hide_query(value)
    return ListedSetting(option.name, shown, is_default)


def _hide_query(value: object) -> object:
    """Hides the query of a URL: a receiver of webhooks may want a token there."""
    if isinstance(value, str) and value.startswith(("http://", "https://")) and "?" in value:
        return f"{value.partition('?')[0]}?{HIDDEN}"
    return value
