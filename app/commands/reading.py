"""The settings of a command."""

import sys

from ..settings.environment import read_settings
from ..settings.settings import Settings


def read_aloud() -> Settings:
    """Says on standard error what is odd about them. Raises `SettingsError`."""
    notices: list[str] = []
    settings = read_settings(notices=notices)
    sys.stderr.writelines(f"Notice: {line}\n" for line in notices)
    return settings
