"""Reads the settings of a command."""

import sys

from ..settings.environment import read_settings
from ..settings.settings import Settings


def read_aloud() -> Settings:
    """Reads the settings, prints notices on standard error. Raises `SettingsError`."""
    notices: list[str] = []
    settings = read_settings(notices=notices)
    sys.stderr.writelines(f"Notice: {line}\n" for line in notices)
    return settings
