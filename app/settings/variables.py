"""All environment variables, derived from the settings, and messages for other names."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final, Protocol, TypeGuard

from msgspec import Struct
from msgspec.structs import fields

from ..bridge.environment import NAMES as BRIDGE_NAMES
from ..models.program_name import SETTINGS_LIST
from .better_auth_options import find_option, get_variable
from .opentelemetry import PREFIX as OTEL_PREFIX
from .option_types import Secrecy, find_mark
from .plugin_settings import PluginSettings, get_folder
from .settings import Settings

PREFIX: Final = "BETTER_AUTH_"
# Options of Better Auth that have a name of their own here.
_ELSEWHERE: Final = {
    "baseURL": "BETTER_AUTH_URL",
    "database": "DATABASE_URL",
    "secondaryStorage": "REDIS_URL",
    "jwt.jwks.keyPairConfig": "BETTER_AUTH_JWT_ALG",
    "emailAndPassword.password.hash": "BETTER_AUTH_PASSWORD_HASH",
}
# Names that people guess, and what they mean by them.
_GUESSED: Final = {"BETTER_AUTH_JWT_EXPIRES_IN": "BETTER_AUTH_JWT_EXPIRATION_TIME"}
Path = tuple[str, ...]
PLUGINS: Final[Path] = ("plugins",)
_WITHOUT_VARIABLE: Final = frozenset({PLUGINS, ("mails_by_hook",)})
_PLUGINS: Final = "BETTER_AUTH_PLUGINS"

# Names of our own, which no option of Better Auth has.
_WITHOUT_PREFIX: Final = frozenset(
    {
        "argon2_memory_cost",
        "argon2_time_cost",
        "argon2_parallelism",
        "database_url",
        "database_prepared",
        "database_wait",
        "redis_url",
        "redis_key_prefix",
        "smtp_url",
        "mail_from",
        "mail_templates",
        "session_cleanup",
        "audit",
        "audit_keep_days",
        "webhook_url",
        "webhook_secret",
        "webhook_events",
        "webhook_allow_private",
        "task_api",
        "api_docs",
        "host",
        "port",
        "log_format",
        "workers",
        "metrics_listen",
        "otel_exporter_otlp_endpoint",
        "otel_exporter_otlp_traces_endpoint",
    }
)
_SECRET: Final = frozenset(
    {
        ("secret",),
        ("secrets",),
        ("database_url",),
        ("redis_url",),
        ("smtp_url",),
        ("webhook_secret",),
    }
)
_IGNORED: Final = re.compile(
    r"BETTER_AUTH_(TELEMETRY.*"
    # Variables of APIs that may share the .env of this service.
    r"|BRIDGE_.*"
    # What Better Auth's hosted service is reached by, from the front end's side.
    r"|API_KEY|API_URL|KV_URL"
    # What Kubernetes sets for a service called better-auth, or better-auth-something.
    r"|(\w+_)?SERVICE_HOST|(\w+_)?SERVICE_PORT(_\w+)?"
    r"|(\w+_)?PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_ALIKE: Final = 0.6
_LINK: Final = re.compile(r"(tcp|udp|sctp)://")


class Option(Struct, frozen=True):
    """A variable and its field. `default` is msgspec's NODEFAULT if there is none."""

    name: str
    path: Path
    annotation: object
    default: object

    @property
    def is_secret(self) -> bool:
        """Whether the value is secret: never shown, and possible as a file."""
        return self.path in _SECRET or find_mark(self.annotation, Secrecy) is not None


class InstalledPlugin(Protocol):
    """A plugin as the settings see it; it is on always, or where `BETTER_AUTH_PLUGINS` names it."""

    @property
    def id(self) -> str:
        """Better Auth's name of it."""
        ...

    @property
    def options(self) -> type[Struct]:
        """Read from `BETTER_AUTH_<ID>_…`."""
        ...

    @property
    def always_on(self) -> bool: ...

    def enable(self, options: Struct) -> PluginSettings:
        """What is known of it where it is on with these options."""
        ...

    def find_faults(self, settings: Settings) -> Iterable[str]:
        """One line for each option that can't be used; called where it is on."""
        ...


def _list_options(tree: type[Struct], above: Path = ()) -> Iterator[Option]:
    for field in fields(tree):
        path = (*above, field.name)
        if is_struct(field.type):
            yield from _list_options(field.type, path)
        elif path not in _WITHOUT_VARIABLE:
            yield Option(_make_name(path), path, field.type, field.default)


def is_struct(annotation: object) -> TypeGuard[type[Struct]]:
    """Whether a field has fields of its own."""
    return isinstance(annotation, type) and issubclass(annotation, Struct)


def _make_name(path: Path) -> str:
    bare = "_".join(path).upper()
    return bare if path[0] in _WITHOUT_PREFIX else PREFIX + bare


_CORE: Final = tuple(_list_options(Settings))
NAME_OF: Final[Mapping[Path, str]] = {option.path: option.name for option in _CORE}


class Variables:
    """The variables of the settings and of the plugins that are installed, and all other names."""

    def __init__(self, plugins: Sequence[InstalledPlugin] = ()) -> None:
        self.plugins = plugins
        trees = [(plugin.options, (get_folder(plugin.id),)) for plugin in plugins]
        found = [
            *_CORE,
            *(option for tree, above in trees for option in _list_options(tree, above)),
        ]
        if not all(plugin.always_on for plugin in plugins):
            found.append(Option(_PLUGINS, PLUGINS, tuple[str, ...], ()))
        self.options: Mapping[str, Option] = {option.name: option for option in found}
        self._plain = [name for name in self.options if not name.startswith(PREFIX)]

    def find_variable(self, option: str) -> str | None:
        """Returns the variable of an option (`…_*` for several), or None if it is unsupported."""
        variable = _ELSEWHERE.get(option, get_variable(option))
        if variable in self.options:
            return variable
        return (
            f"{variable}_*"
            if any(name.startswith(f"{variable}_") for name in self.options)
            else None
        )

    def find_objection(self, name: str, value: str) -> str | None:
        """Returns what is wrong with a name. None for our variables and for other programs'."""
        plain = name.removesuffix("_FILE")
        if name in self.options or not name.startswith(PREFIX):
            return None
        if plain != name and plain in self.options and self.options[plain].is_secret:
            return None
        if _IGNORED.fullmatch(name) or (name.endswith("_PORT") and _LINK.match(value)):
            return None
        return f"{name} {self._explain(name)}"

    def find_misspelling(self, name: str, present: Container[str]) -> str | None:
        """Returns a hint for a name in `.env` that is almost one of our unset variables."""
        found = get_close_matches(name, self._plain, n=1, cutoff=0.85)
        if name in self._plain or name.startswith(OTEL_PREFIX) or not found or found[0] in present:
            return None
        return f"{name} is not a setting: did you mean {found[0]}?"

    def _explain(self, name: str) -> str:
        if name == _PLUGINS:
            return "names optional plugins, but no optional plugin is installed here: remove it"
        option = find_option(name)
        here = None if option is None else self.find_variable(option)
        if option is not None and here is None:
            return f"is Better Auth's {option}, which this server does not offer: remove it"
        nearest = _GUESSED.get(name) or (here if here in self.options else self._find_nearest(name))
        if nearest is None:
            return f"is not a setting: remove it ({SETTINGS_LIST} lists them all)"
        return f"is not a setting: did you mean {nearest}?"

    def _find_nearest(self, name: str) -> str | None:
        """Finds the nearest name: first with the same end, then in the same group, then any."""
        bare = name.removeprefix(PREFIX)
        names = {known.removeprefix(PREFIX): known for known in (*self.options, *BRIDGE_NAMES)}
        ending = [each for each in names if each.endswith(f"_{bare}")]
        group = [each for each in names if each.startswith(f"{bare.partition('_')[0]}_")]
        for among in (ending, group, names):
            if found := get_close_matches(bare, among, n=1, cutoff=_ALIKE):
                return names[found[0]]
        return None
