"""Finds the value of each option in settings."""

from collections.abc import Iterator

from msgspec import Struct

from .plugin_settings import get_folder
from .settings import Settings
from .variables import Option, Variables


def list_values(settings: Settings, variables: Variables) -> Iterator[tuple[Option, object]]:
    """Yields every option of the service and of the plugins that are on, with its value.

    The value is None if a group of options is of a wrong type, which Python code can make.
    """
    roots: dict[str, Struct] = {get_folder(each.id): each.options for each in settings.plugins}
    off = {get_folder(plugin.id) for plugin in variables.plugins} - roots.keys()
    for option in variables.options.values():
        first, *rest = option.path
        if first in off:
            continue
        value: object = roots.get(first, settings)
        for name in rest if first in roots else option.path:
            value = getattr(value, name, None)
        yield option, value
