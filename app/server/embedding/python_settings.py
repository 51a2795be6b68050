"""Completes and checks settings that Python code made."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from ...settings.environment import SettingsError
from ...settings.extras import find_missing_extras
from ...settings.options import VersionedSecret
from ...settings.plugin_settings import PluginSettings
from ...settings.python_values import find_value_faults
from ...settings.settings import Settings
from ...settings.validation import MEND, find_faults
from ..hooks.registry import HookRegistry
from ..plugins import PLUGINS, VARIABLES, find_plugin_faults

_VARIABLE: Final = re.compile(r"\b[A-Z][A-Z0-9_]+\b")


def check_settings(settings: Settings) -> Settings:
    """Returns the settings as the environment would make them.

    Raises `SettingsError` with a line for each fault, which names the option in Python.
    """
    _raise_faults(find_value_faults(settings, VARIABLES))
    complete = replace(
        settings,
        url=settings.url.rstrip("/"),
        plugins=(*_list_always_on(settings), *settings.plugins),
        **_order_secrets(settings),
    )
    _raise_faults(_find_faults(complete))
    return complete


def decide_mail(settings: Settings, hooks: HookRegistry) -> Settings:
    """Returns settings that say whether a hook sends mails, now that all are registered.

    Raises `SettingsError` if something needs mail, and nothing sends it.
    """
    settled = hooks.note_mail_hook(settings)
    if not settled.sends_mail:
        _raise_faults(_find_faults(settled))
    return settled


def _find_faults(settings: Settings) -> Iterator[str]:
    if not settings.secret:
        yield f"BETTER_AUTH_SECRET is empty: {MEND}"
    yield from find_faults(settings)
    yield from find_plugin_faults(settings)
    yield from find_missing_extras(settings)


def _list_always_on(settings: Settings) -> Iterator[PluginSettings]:
    stated = {plugin.id for plugin in settings.plugins}
    for plugin in PLUGINS:
        if plugin.always_on and plugin.id not in stated:
            yield plugin.enable(plugin.options())


def _order_secrets(settings: Settings) -> dict[str, object]:
    """Returns the secrets in the order of the environment: the first version is the current one."""
    secrets, plain = settings.secrets, settings.secret
    if not secrets or plain == secrets[0].value:
        return {}
    before = (VersionedSecret(None, plain),) if plain else ()
    return {"secret": secrets[0].value, "secrets": (*secrets, *before)}


def _raise_faults(faults: Iterable[str]) -> None:
    lines = tuple(dict.fromkeys(_VARIABLE.sub(_name_option, line) for line in faults))
    if lines:
        raise SettingsError(lines)


def _name_option(variable: re.Match[str]) -> str:
    """Returns `session.expires_in` for `BETTER_AUTH_SESSION_EXPIRES_IN`; other words stay."""
    option = VARIABLES.options.get(variable[0])
    return variable[0] if option is None else ".".join(option.path)
