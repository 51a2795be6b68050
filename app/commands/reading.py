"""The settings of a command."""

import sys

from app.environ import read_settings
from app.settings import Settings


def read_aloud() -> Settings:
    """Says on standard error what is odd about them. Raises `SettingsError`."""
    notices: list[str] = []
    settings = read_settings(notices=notices)
    sys.stderr.writelines(f"Notice: {line}\n" for line in notices)
    return settings
