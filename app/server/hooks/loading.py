"""Loads the hooks of the module in `BETTER_AUTH_HOOKS`."""

import inspect
import sys
import traceback
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Final

from ...settings.environment import SettingsError
from ...settings.settings import Settings
from .registry import HookRegistry

_VARIABLE: Final = "BETTER_AUTH_HOOKS"
_PACKAGE: Final = "better_auth_service"
_EXAMPLE: Final = "name a Python module such as my_hooks, without .py"


def load_hooks(settings: Settings) -> HookRegistry | None:
    """Returns the hooks that `register(hooks)` of the module registered, once for a process.

    None if the setting names no module. The module is found in the working folder, or among the
    installed packages. Raises `SettingsError`.
    """
    return None if settings.hooks is None else _load(settings.hooks)


def make_registry(settings: Settings) -> HookRegistry:
    """Returns a new registry, with the hooks of the module if the setting names one.

    Raises `SettingsError`.
    """
    registry = HookRegistry()
    if settings.hooks is not None:
        _register(settings.hooks, registry)
    return registry


@cache
def _load(name: str) -> HookRegistry:
    registry = HookRegistry()
    _register(name, registry)
    return registry


def _register(name: str, registry: HookRegistry) -> None:
    module = _import(name)
    register = getattr(module, "register", None)
    if register is None:
        raise _make_error(f"{name} has no function register(hooks): add it")
    if not callable(register) or inspect.iscoroutinefunction(register):
        raise _make_error(f"register of {name} is not a plain function: write def register(hooks)")
    try:
        register(registry)
    except Exception as fault:
        raise _make_error(f"register of {name} failed: {_describe(fault)}") from fault
    if line := registry.find_fault():
        raise _make_error(line)


def _import(name: str) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise _make_error(f"{name!r} is not the name of a module: {_EXAMPLE}")
    _publish_package()
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)  # as uvicorn does
    try:
        return import_module(name)
    except ModuleNotFoundError as fault:
        if fault.name is None or not f"{name}.".startswith(f"{fault.name}."):
            raise _make_error(f"{name} cannot be imported: {_describe(fault)}") from fault
        line = f"there is no module {name} in {folder} or among the installed packages"
        raise _make_error(f"{line}: {_EXAMPLE}") from fault
    except Exception as fault:
        raise _make_error(f"{name} cannot be imported: {_describe(fault)}") from fault


def _publish_package() -> None:
    """Lets hooks import `better_auth_service` where this is a checkout, whose package is `app`."""
    package = __name__.partition(".")[0]
    if package != _PACKAGE and find_spec(_PACKAGE) is None:
        sys.modules[_PACKAGE] = sys.modules[package]


def _describe(fault: Exception) -> str:
    """Returns the error, and the line of the file that raised it."""
    said = "".join(traceback.format_exception_only(fault)).strip().splitlines()[-1]
    if isinstance(fault, SyntaxError):
        return f"{said} ({fault.filename}, line {fault.lineno})"
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{said} ({frames[-1].filename}, line {frames[-1].lineno})"


def _make_error(line: str) -> SettingsError:
    return SettingsError((f"{_VARIABLE}: {line}",))
