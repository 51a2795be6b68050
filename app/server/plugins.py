"""The one list of plugins, and what the settings and the schema have to know of all of them."""

from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Final

from ..plugins.plugin import AnyPlugin, Plugin
from ..schema import requirements
from ..schema.requirements import Requirements
from ..settings import environment
from ..settings.environment import DOTENV
from ..settings.settings import Settings
from ..settings.variables import Variables

# Folders of app/plugins, in the order in which their hooks run.
INSTALLED: Final = (
    "bearer",
    "jwt",
)
_HERE: Final = __name__.removesuffix(".server.plugins")


def _load(folder: str) -> AnyPlugin:
    plugin = resolve_name(f"{_HERE}.plugins.{folder}.plugin:PLUGIN")
    assert isinstance(plugin, Plugin)
    return plugin


PLUGINS: Final = tuple(map(_load, INSTALLED))
VARIABLES: Final = Variables(PLUGINS)


def read_settings(
    environ: Mapping[str, str] | None = None,
    dotenv: Path | None = DOTENV,
    *,
    notices: list[str] | None = None,
) -> Settings:
    """See `environment.read_settings`."""
    return environment.read_settings(environ, dotenv, notices=notices, variables=VARIABLES)


def derive_requirements(settings: Settings) -> Requirements:
    """What the settings and the plugins ask of the schema."""
    branches = [branch for plugin in PLUGINS for branch in plugin.branches]
    return requirements.derive_requirements(settings, branches)
