"""`docs/parity.md`, made of the tables of this suite."""

from collections.abc import Iterable, Iterator, Mapping

from app.server.plugins import VARIABLES
from app.settings.better_auth_options import BETTER_AUTH_OPTIONS, get_variable

from . import versions
from .differences import DIFFERENCES
from .endpoints import Endpoint, of_original, of_ours
from .older import OLDER
from .options import PLUGIN_NAMES
from .scenario import all_scenarios
from .starts import STARTS
from .unseen import SMALLER, UNSEEN, Told

INTRODUCTION = f"""\
# What is identical, and what differs on purpose

The reference is Better Auth {versions.RECORD} with the `jwt` and `bearer` plugins: status, reason
phrase, body, order of JSON keys, cookies with the order of their attributes, and headers.
`tests/system/parity` starts the real server and this one, sends both the same requests, and
compares the responses. Everything that is not in the tables below must be equal; otherwise a test
fails. A test also fails if a row of the tables does not show any more. `make parity-page` writes
this page from the tables of the tests. `make parity VERSION=…` compares with another version.
"""

_CSRF_OF_MAILS = "Request without cookies from an origin that is not trusted"
# Rows of the differences that are about one endpoint.
TOLD: Mapping[str, tuple[str, ...]] = {
    "GET /token": ("Token algorithm", "`/token` with `session.cookieCache`"),
    "GET /jwks": ("`/jwks` under HS256",),
    "GET /error": ("`/error`",),
    "GET /reference": ("`/reference`, `/open-api/generate-schema`",),
    "GET /open-api/generate-schema": ("`/reference`, `/open-api/generate-schema`",),
    "GET /get-session": ("Token algorithm",),
    "POST /sign-in/email": ("Malformed stored hash", "Time of a refused request"),
    "POST /sign-up/email": (
        "Password hash",
        "Time of a refused request",
        "Several sign-ups for an address that is not verified",
    ),
    "POST /revoke-other-sessions": ("`/revoke-other-sessions`",),
    "POST /delete-user": ("Deletion of a user that another table refers to",),
    "GET /delete-user/callback": ("Deletion of a user that another table refers to",),
    "POST /update-user": (
        "`update-user` with wrong types",
        "Values that an update cannot store",
        "`username: null` with `immutableUsername`",
    ),
    "POST /admin/update-user": (
        "An administrator changes a user, and sends the username that the user has",
    ),
    "POST /one-time-token/verify": ("A one-time token of a session that has expired",),
    "POST /sign-out": ("Cookies of the plugin `multi-session` at sign-out",),
    "POST /update-session": ("Values that an update cannot store",),
    "GET /verify-email": (
        "Links into an app, with the plugin `expo()`",
        "Tokens in mailed links",
        "The new address is taken when the link to change it is opened",
        "A link that was opened before",
    ),
    "POST /send-verification-email": (
        "Request without cookies from an origin that is not trusted",
    ),
    "POST /request-password-reset": (_CSRF_OF_MAILS,),
}
# Given to both sides in every scenario, or a matter of the storage, not of an answer.
EVERYWHERE = {"secret", "baseURL", "database.*", "emailAndPassword.password.hash"}
IGNORED = ("telemetry.*",)


def page() -> str:
    """The whole text."""
    return "\n".join(
        [
            INTRODUCTION,
            *("## Endpoints", "", *_endpoints(), ""),
            *("## Options", "", *_options(), ""),
            *("## Differences", "", *_differences(), ""),
            *("Smaller differences, all for hostile or broken input:", ""),
            *(f"- {each}" for each in SMALLER),
            "",
            *("## Settings that are refused only here", "", *_starts(), ""),
            *(f"## How {versions.RECORD} differs from {versions.OLDER}", ""),
            *(*_older(), ""),
        ]
    )


def uncompared_options() -> list[str]:
    """Options that are offered and that no scenario sets."""
    names = {
        *(name for one in all_scenarios() for name in one.setup.all),
        *(name for one in all_scenarios() for name in one.setup.original),
    }
    set_ = {get_variable(name) for name in names} | {"REDIS_URL"}
    set_ |= {name for one in all_scenarios() for name in one.setup.ours}
    return [
        option
        for option, variable in offered().items()
        if option not in EVERYWHERE
        and not any(f"{each}_".startswith(f"{variable.removesuffix('_*')}_") for each in set_)
    ]


def offered() -> dict[str, str]:
    """Options of Better Auth that work here, and the variable of each."""
    found = {option: VARIABLES.find_variable(option.removesuffix(".*")) for option in _names()}
    return {option: variable for option, variable in found.items() if variable is not None}


def refused_options() -> list[str]:
    """Options of Better Auth that stop the start."""
    known = {*offered(), *IGNORED}
    return [name for name in _names() if name not in known]


def _endpoints() -> Iterator[str]:
    ours, theirs = of_ours(), of_original()
    rows = [(f"`{one}`", _verdict(one, ours)) for one in theirs if not one.plugin]
    yield from _table(("Endpoint", ""), rows)
    yield ""
    yield (
        "What differs at every endpoint (CORS, headers, the client IP) is listed once, under"
        " Differences. Social sign-in answers like a server without providers. `setPassword`"
        " is not an endpoint there either. Any other path gets an empty 404, as there."
    )
    of_plugins = [one for one in theirs if one.plugin]
    if of_plugins:
        yield ""
        yield "The endpoints of the plugins that `BETTER_AUTH_PLUGINS` can name:"
        yield ""
        of_plugins.sort(key=lambda one: (*PLUGIN_NAMES, "").index(one.plugin))
        told = [(f"`{one}`", f"`{one.plugin}`", _verdict(one, ours)) for one in of_plugins]
        yield from _table(("Endpoint", "Plugin", ""), told)


def _verdict(one: Endpoint, ours: set[str]) -> str:
    if str(one) not in ours:
        return "not offered"
    told = TOLD.get(str(one))
    return f"differs on purpose: {'; '.join(told)}" if told else "identical"


def _options() -> Iterator[str]:
    rows = [(f"`{option}`", f"`{variable}`") for option, variable in offered().items()]
    yield from _table(("Option", "Here, and compared with the original"), rows)
    yield ""
    yield f"Not offered, and refused by name at the start: {_listed(refused_options())}."
    yield ""
    yield f"Without effect: {_listed(IGNORED)}; there is none here."


def _differences() -> Iterator[str]:
    told: tuple[Told, ...] = (*DIFFERENCES, *UNSEEN)
    rows = [(one.what, one.original, one.here, one.why) for one in told]
    yield from _table(("What", "Original", "Here", "Why"), rows)


def _starts() -> Iterator[str]:
    rows = [(one.what, one.original, one.here, one.why) for one in STARTS]
    yield from _table(("What is set", "Original", "Here the service does not start", "Why"), rows)


def _older() -> Iterator[str]:
    yield (
        f"A Node server of {versions.OLDER} may run on the same database. Half of the tests also"
        f" run with it. If it answers otherwise than {versions.RECORD}, a row here says so, or a"
        " test fails."
    )
    yield ""
    rows = [(one.what, one.original, one.here) for one in OLDER]
    yield from _table(("What", versions.OLDER, f"{versions.RECORD}, and here"), rows)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _names() -> list[str]:
    """Without the longer form of an option that is there in a plain one."""
    return [
        name
        for name in BETTER_AUTH_OPTIONS
        if not name.endswith(".*") or name.removesuffix(".*") not in BETTER_AUTH_OPTIONS
    ]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |".replace("|  |", "| |").replace("|  |", "| |")
