"""The file that a SQLite URL of the tests names."""

from pathlib import Path


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
