"""Checks the types and ranges of settings that Python code made, as parsing does for texts."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Final

import msgspec

from .option_values import list_values
from .parsing import choose_range
from .plugin_settings import PluginSettings
from .settings import Settings
from .variables import PLUGINS, Option, Variables

_NETWORKS: Final = tuple[IPv4Network | IPv6Network, ...]


def find_value_faults(settings: Settings, variables: Variables) -> Iterator[str]:
    """Yields one line, with the variable of the option, for each value of a wrong type or range."""
    if not _has_plugins(settings.plugins):
        yield "BETTER_AUTH_PLUGINS must be a tuple of what enable_plugin(…) returns"
        return
    for option, value in list_values(settings, variables):
        # By name in the environment, and made by code here.
        fault = None if option.path == PLUGINS else _find_fault(option, value)
        if fault is not None:
            yield f"{option.name} {fault}"


def _find_fault(option: Option, value: object) -> str | None:
    if isinstance(value, list):
        return "must be a tuple, not a list"
    if option.annotation == _NETWORKS:
        return None if _has_networks(value) else "must be a tuple of ipaddress.ip_network(…)"
    try:
        msgspec.convert(value, option.annotation)
    except msgspec.ValidationError as fault:
        reason = str(fault).replace("`null`", "`None`")
        return f"has the wrong type: {reason[0].lower()}{reason[1:]}"
    if isinstance(value, int) and not isinstance(value, bool):
        allowed = choose_range(option.path, option.annotation)
        if not allowed.least <= value <= allowed.most:
            return f"must be a whole number from {allowed.least} to {allowed.most}, not {value}"
    return None


def _has_networks(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(n, IPv4Network | IPv6Network) for n in value)


def _has_plugins(value: object) -> bool:
    return isinstance(value, Sequence) and all(isinstance(one, PluginSettings) for one in value)
