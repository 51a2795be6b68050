"""`python -m app info`."""

import platform
import sys
from importlib.metadata import version
from typing import Final

import msgspec

from .. import __version__
from ..bridge.database_url import DatabaseUrlError
from ..server.plugins import VARIABLES
from ..settings.listing import list_settings
from ..storage.unreachable import get_database_name
from .console import load_settings
from .output import make_printable, print_record

FAULTS = (DatabaseUrlError,)
_LIBRARIES: Final = ("litestar", "uvicorn", "sqlalchemy", "argon2-cffi", "pyjwt")


class Info(msgspec.Struct, frozen=True):
    """The program, the machine and the settings. Secrets are not in it."""

    release: str
    python: str
    system: str
    libraries: dict[str, str]
    database: str
    settings: dict[str, object]


def run(*, everything: bool, as_json: bool) -> int:
    """Prints the release, what it runs on, and the settings that differ from the defaults."""
    settings = load_settings()
    info = Info(
        release=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        libraries={name: version(name) for name in _LIBRARIES},
        database=get_database_name(settings.database_url),
        settings={
            each.name: each.value
            for each in list_settings(settings, VARIABLES)
            if everything or not each.is_default
        },
    )
    if as_json:
        print_record(info, as_json=True)
    else:
        _print_lines(info)
    return 0


def _print_lines(info: Info) -> None:
    libraries = ", ".join(f"{name} {release}" for name, release in info.libraries.items())
    lines = [
        f"release    {info.release}",
        f"Python     {info.python}, {info.system}",
        f"libraries  {libraries}",
        f"database   {info.database}",
        "",
        *(f"{name}={_write(value)}" for name, value in info.settings.items()),
    ]
    sys.stdout.writelines(f"{make_printable(line)}\n" for line in lines)


def _write(value: object) -> str:
    """As in `.env`: lists with commas, everything else that has parts as JSON."""
    if value is None:
        return ""
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
