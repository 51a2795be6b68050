"""Plugins by their options, as the settings know them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from msgspec import Struct

from app.plugins.plugin import AnyPlugin, Plugin
from app.schema.requirements import Requirements, derive_requirements
from app.server.plugins import PLUGINS
from app.settings.plugin_settings import PluginSettings
from app.settings.settings import Settings
from tests.support.prepared_files import prepare
from tests.support.secret import STRONG_SECRET
from tests.support.service import Service, serving

O = TypeVar("O", bound=Struct)  # noqa: E741  # the options


def enabled(*options: Struct) -> tuple[PluginSettings, ...]:
    """The plugins that these are the options of, switched on."""
    plugins = {plugin.options: plugin for plugin in PLUGINS}
    return tuple(plugins[type(each)].enable(each) for each in options)


def required_by(plugin: Plugin[O], options: O | None) -> Requirements:
    """What a plugin requires of the schema with these options; None: it is installed, but off."""
    on = () if options is None else (plugin.enable(options),)
    branches = [branch for each in _install(plugin) for branch in each.branches]
    return derive_requirements(Settings(secret=STRONG_SECRET, plugins=on), branches)


@asynccontextmanager
async def plugged(
    url: str, plugin: Plugin[O], options: O, **settings: Any
) -> AsyncIterator[Service]:
    """The service with a plugin that is on, over the database at `url`, which is migrated for it.

    `settings` are what `serve` takes: a `mailer`, a `storage`, fields of `Settings`.
    """
    await prepare(url, required_by(plugin, options))
    on = (plugin.enable(options),)
    async with serving(url, installed=_install(plugin), plugins=on, **settings) as service:
        yield service


@asynccontextmanager
async def plugged_together(url: str, *options: Struct, **settings: Any) -> AsyncIterator[Service]:
    """The same with several plugins of the service, each by its options."""
    on = enabled(*options)
    branches = [branch for each in PLUGINS for branch in each.branches]
    asked = Settings(secret=STRONG_SECRET, plugins=on)
    await prepare(url, derive_requirements(asked, branches))
    async with serving(url, plugins=on, **settings) as service:
        yield service


def _install(plugin: AnyPlugin) -> Sequence[AnyPlugin]:
    """The plugins of the service, and this one.

    Of a plugin that is always on `openapi.json` tells the defaults alone.
    """
    if plugin not in PLUGINS:
        return [*PLUGINS, plugin]
    return [*PLUGINS] if plugin.always_on else PLUGINS
