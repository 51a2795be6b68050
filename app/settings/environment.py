"""Reads the settings from the environment and `.env`. Nothing else reads them."""

import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import fields

from ..models.program_name import COMMAND
from .dotenv import find_unread_lines, parse_dotenv
from .notices import find_notices
from .options import VersionedSecret
from .parsing import BadValue, parse_value
from .plugin_settings import PluginSettings, get_folder
from .settings import Settings
from .system import describe_owner
from .validation import find_faults
from .variables import (
    NAME_OF,
    PLUGINS,
    PREFIX,
    InstalledPlugin,
    Option,
    Variables,
    is_struct,
)
from .variables import Path as FieldPath

DOTENV: Final = Path(".env")  # in the working folder
_FILE: Final = "_FILE"
_SHOWN: Final = 60  # characters of a bad value
_CORE: Final = Variables()

Tree = TypeVar("Tree", bound=Struct)


class SettingsError(Exception):
    """The settings are invalid: `lines` has one line for each fault, with the remedy."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class _Findings(Struct):
    """What there is to say of the settings, which these variables set: faults stop the start."""

    faults: list[str]
    notices: list[str]
    variables: Variables


def read_settings(
    environ: Mapping[str, str] | None = None,
    dotenv: Path | None = DOTENV,
    *,
    notices: list[str] | None = None,
    variables: Variables = _CORE,
    complete: Callable[[Settings], Settings] = lambda settings: settings,
) -> Settings:
    """Returns the settings of this process or of `environ`. Variables override `.env`.

    An empty variable counts as unset. Harmless oddities are added to `notices`, one line each.
    `complete` adds what no variable says, before the settings are checked as a whole; it may raise
    `SettingsError`. Raises `SettingsError` with all faults.
    """
    findings = _Findings([], [] if notices is None else notices, variables)
    faults = findings.faults
    real = os.environ if environ is None else environ
    texts = _merge(real, {} if dotenv is None else _read_dotenv(dotenv, real, findings))
    unread = bool(faults)  # the secret may be in what can't be read of .env
    objections = (variables.find_objection(name, texts[name]) for name in sorted(texts))
    faults += filter(None, objections)
    faults += () if unread else _check_secret(texts)
    values = _parse_values(texts, findings)
    plugins = _find_plugins(values, findings)
    enabled = tuple(_enable(plugin, values) for plugin in plugins)
    settings = _make_settings({**values, PLUGINS: enabled}, variables)
    try:
        settings = complete(settings)
    except SettingsError as error:
        faults += error.lines
    faults += find_faults(settings)
    faults += (fault for plugin in plugins for fault in plugin.find_faults(settings))
    if faults:
        raise SettingsError(tuple(dict.fromkeys(faults)))
    findings.notices += find_notices(settings)
    return settings


def _read_dotenv(path: Path, real: Mapping[str, str], findings: _Findings) -> Mapping[str, str]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as fault:
        findings.faults.append(f"{path} can't be read: {_explain_unreadable(path, fault)}")
        return {}
    for number, name in find_unread_lines(text):
        if name in findings.variables.options or name.startswith(PREFIX):
            findings.faults.append(f"{name} in {path} has no =: write {name}=value")
        else:
            findings.notices.append(f"line {number} of {path} is ignored: it has no =")
    found = parse_dotenv(text)
    # Other programs read this file, too, and what is theirs must not stop this one.
    found_names = (findings.variables.find_misspelling(name, {**found, **real}) for name in found)
    misspelt = filter(None, found_names)
    findings.notices += [f"{line} ({path})" for line in misspelt]
    return found


def _explain_unreadable(path: Path, fault: OSError | UnicodeDecodeError) -> str:
    if isinstance(fault, UnicodeDecodeError):
        return "it must be a text file in UTF-8"
    if isinstance(fault, PermissionError):
        return f"permission denied{describe_owner(path)}"
    return fault.strerror or type(fault).__name__


def _merge(real: Mapping[str, str], dotenv: Mapping[str, str]) -> dict[str, str]:
    """Merges both without empty values. A `…_FILE` variable overrides like its secret."""
    set_ = {name: value for name, value in real.items() if value.strip()}
    hidden = {name.removesuffix(_FILE) for name in set_}
    more = {n: v for n, v in dotenv.items() if v.strip() and n.removesuffix(_FILE) not in hidden}
    return {**more, **set_}


def _parse_values(texts: Mapping[str, str], findings: _Findings) -> dict[FieldPath, object]:
    values: dict[FieldPath, object] = {}
    for option in findings.variables.options.values():
        try:
            text = _find_text(option, texts)
            if text is not None:
                values[option.path] = parse_value(option.path, option.annotation, text)
        except BadValue as fault:
            findings.faults.append(f"{option.name} {fault}{_show(option, texts)}")
    return values


def _find_plugins(values: Mapping[FieldPath, object], findings: _Findings) -> list[InstalledPlugin]:
    """Those that are on: the ones that always are, then the others in the order of the variable.

    An unknown one is a fault, and so is an option of one that is off.
    """
    installed, chosen = findings.variables.plugins, values.get(PLUGINS, ())
    assert isinstance(chosen, tuple)
    for name in chosen:
        if objection := _find_objection(name, installed):
            findings.faults.append(f"BETTER_AUTH_PLUGINS: {name!r} {objection}")
    optional = {plugin.id: plugin for plugin in installed if not plugin.always_on}
    named = [optional[name] for name in dict.fromkeys(chosen) if name in optional]
    on = [*(plugin for plugin in installed if plugin.always_on), *named]
    off = {get_folder(plugin.id): plugin.id for plugin in installed if plugin not in on}
    for option in findings.variables.options.values():
        if option.path in values and option.path[0] in off:
            findings.faults.append(
                f"{option.name} is an option of the plugin {off[option.path[0]]}, which is off:"
                f" add it to BETTER_AUTH_PLUGINS, or remove this"
            )
    return on


def _find_objection(name: str, installed: Iterable[InstalledPlugin]) -> str | None:
    """Returns what is wrong with a name in `BETTER_AUTH_PLUGINS`."""
    always_on = {plugin.id: plugin.always_on for plugin in installed}
    if always_on.get(name) is True:
        return "is always on: remove it from the list"
    if name in always_on:
        return None
    optional = [plugin_id for plugin_id, is_always_on in always_on.items() if not is_always_on]
    meant = _guess_plugin(name, always_on)
    if always_on.get(meant) is True:
        return f"is no plugin; did you mean {meant}? That is always on: remove it from the list"
    question = f"did you mean {meant}? There" if meant else "there"
    return f"is no plugin; {question} are {', '.join(optional)}"


def _guess_plugin(name: str, ids: Iterable[str]) -> str:
    """Returns the id that is meant, also by a name of JavaScript (`twoFactor`), or nothing."""
    bare = {re.sub(r"[^a-z0-9]", "", each.lower()): each for each in ids}
    written = re.sub(r"[^a-z0-9]", "", name.lower()).removesuffix("client")
    close = difflib.get_close_matches(written, bare, n=1, cutoff=0.75)
    return bare[close[0]] if close else ""


def _enable(plugin: InstalledPlugin, values: Mapping[FieldPath, object]) -> PluginSettings:
    return plugin.enable(_build(plugin.options, (get_folder(plugin.id),), values))


def _find_text(option: Option, texts: Mapping[str, str]) -> str | None:
    """Returns the text for an option. Raises `BadValue`."""
    text, file = texts.get(option.name), texts.get(option.name + _FILE)
    if option.is_secret and file is not None:
        if text is not None:
            raise BadValue(f"is set twice: remove it or {option.name}{_FILE}")
        text = _read_file(option, Path(file))
    return text if text is None or option.is_secret else text.strip()


def _read_file(option: Option, path: Path) -> str:
    try:
        return path.read_text("utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as fault:
        named = f"the file that {option.name}{_FILE} names"
        raise BadValue(f"can't be read from {named}: {_explain_unreadable(path, fault)}") from None
    except ValueError:  # a path with a zero in it
        raise BadValue(f"can't be read from the file that {option.name}{_FILE} names") from None


def _show(option: Option, texts: Mapping[str, str]) -> str:
    text = texts.get(option.name, "").strip()
    if option.is_secret or not text:
        return ""
    return f", not {text[:_SHOWN]!r}{'…' if len(text) > _SHOWN else ''}"


def _make_settings(values: Mapping[FieldPath, object], variables: Variables) -> Settings:
    port = values.get(("port",), variables.options["PORT"].default)
    url = values.get(("url",), f"http://localhost:{port}")
    stated = {("secret",): "", **values, **_order_secrets(values), ("url",): str(url).rstrip("/")}
    return _build(Settings, (), stated)


def _order_secrets(values: Mapping[FieldPath, object]) -> Mapping[FieldPath, object]:
    """Returns the secrets: the first version is the current one, a plain secret is the last."""
    secrets, plain = values.get(("secrets",)), values.get(("secret",))
    if not isinstance(secrets, tuple):
        return {}
    before = (VersionedSecret(None, str(plain)),) if plain else ()
    return {("secret",): secrets[0].value, ("secrets",): (*secrets, *before)}


def _build(tree: type[Tree], above: FieldPath, values: Mapping[FieldPath, object]) -> Tree:
    """Builds a struct from the values below a path. Missing values keep their defaults."""
    filled: dict[str, object] = {}
    for field in fields(tree):
        path = (*above, field.name)
        if is_struct(field.type):
            filled[field.name] = _build(field.type, path, values)
        elif path in values:
            filled[field.name] = values[path]
    return tree(**filled)


def _check_secret(texts: Mapping[str, str]) -> Iterator[str]:
    name, versioned = NAME_OF["secret",], NAME_OF["secrets",]
    if not {name, name + _FILE, versioned, versioned + _FILE} & texts.keys():
        yield (
            f"{name} is missing: run this in the folder of the service's .env, make a .env with"
            f" `{COMMAND} init`, or put {name}=… into .env or the environment, with a secret from"
            f" `{COMMAND} secret`"
        )
