"""Plugins by their options, as the settings know them."""

from msgspec import Struct

from app.server.plugins import PLUGINS
from app.settings.plugin_settings import PluginSettings


def enabled(*options: Struct) -> tuple[PluginSettings, ...]:
    """The plugins that these are the options of, switched on."""
    plugins = {plugin.options: plugin for plugin in PLUGINS}
    return tuple(plugins[type(each)].enable(each) for each in options)
