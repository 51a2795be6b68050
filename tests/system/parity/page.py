"""`docs/parity.md`, made of the tables of this suite."""

from collections.abc import Iterable, Iterator, Mapping

from app.settings.better_auth_options import BETTER_AUTH_OPTIONS, variable_of
from app.settings.variables import variable_here

from . import versions
from .differences import DIFFERENCES
from .endpoints import Endpoint, of_original, of_ours
from .older import OLDER
from .scenario import all_scenarios
from .starts import STARTS
from .unseen import SMALLER, UNSEEN, Told

INTRODUCTION = f"""\
# What is identical, and what differs on purpose

The measure is Better Auth {versions.RECORD} with the `jwt` and `bearer` plugins: status, reason
phrase, body, order of JSON keys, cookies with the order of their attributes, and headers.
`tests/system/parity` starts the real server beside this one and holds their answers to the same
requests against each other. What is not in the tables below must be the same, or a test fails; so
does a row of them that no longer shows. This page is made of the suite's own tables: `make
parity-page` writes it, and `make parity VERSION=…` tries another version.
"""

# Rows of the differences that are about one endpoint.
TOLD: Mapping[str, tuple[str, ...]] = {
    "GET /token": ("Token algorithm", "`/token` with `session.cookieCache`"),
    "GET /jwks": ("`/jwks` under HS256",),
    "GET /error": ("`/error`",),
    "GET /reference": ("`/reference`, `/open-api/generate-schema`",),
    "GET /open-api/generate-schema": ("`/reference`, `/open-api/generate-schema`",),
    "GET /get-session": ("Token algorithm",),
    "POST /sign-in/email": ("Malformed stored hash", "Time of a refusal"),
    "POST /sign-up/email": (
        "Password hash",
        "Time of a refusal",
        "Several sign-ups for an address that nobody has proven",
    ),
    "POST /revoke-other-sessions": ("`/revoke-other-sessions`",),
    "POST /delete-user": ("A user whom another table refers to is deleted",),
    "GET /delete-user/callback": ("A user whom another table refers to is deleted",),
    "POST /update-user": ("`update-user` with wrong types", "Values that an update can't keep"),
    "POST /update-session": ("Values that an update can't keep",),
    "GET /verify-email": (
        "Links into an app, with the plugin `expo()`",
        "Tokens in mailed links",
        "Address taken when the link to change it is opened",
        "A link that was opened before",
    ),
    "POST /send-verification-email": ("Foreign Origin without cookies",),
    "POST /request-password-reset": ("Foreign Origin without cookies",),
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
            *("Smaller ones, all on hostile or broken input:", ""),
            *(f"- {each}" for each in SMALLER),
            "",
            *("## Starts that are refused here alone", "", *_starts(), ""),
            *(f"## What {versions.RECORD} does otherwise than {versions.OLDER}", ""),
            *(*_older(), ""),
        ]
    )


def uncompared_options() -> list[str]:
    """Options that are offered and that no scenario sets."""
    names = {
        *(name for one in all_scenarios() for name in one.setup.all),
        *(name for one in all_scenarios() for name in one.setup.original),
    }
    set_ = {variable_of(name) for name in names} | {"REDIS_URL"}
    set_ |= {name for one in all_scenarios() for name in one.setup.ours}
    return [
        option
        for option, variable in offered().items()
        if option not in EVERYWHERE
        and not any(f"{each}_".startswith(f"{variable.removesuffix('_*')}_") for each in set_)
    ]


def offered() -> dict[str, str]:
    """Options of Better Auth that work here, and the variable of each."""
    found = {option: variable_here(option.removesuffix(".*")) for option in _names()}
    return {option: variable for option, variable in found.items() if variable is not None}


def refused_options() -> list[str]:
    """Options of Better Auth that stop the start."""
    return [name for name in _names() if name not in offered() and name not in IGNORED]


def _endpoints() -> Iterator[str]:
    ours = set(of_ours())
    rows = [(f"`{one}`", _verdict(one, ours)) for one in of_original()]
    yield from _table(("Endpoint", ""), rows)
    yield ""
    yield (
        "What differs at every endpoint (CORS, headers, the client's address) is told once, under"
        " Differences. Social sign-in is answered as by a server without providers; `setPassword`"
        " is no route there either. Any other path is the bare 404 of an unknown one, as there."
    )


def _verdict(one: Endpoint, ours: set[Endpoint]) -> str:
    if one not in ours:
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
    yield from _table(("What is set", "Original", "Here the start ends", "Why"), rows)


def _older() -> Iterator[str]:
    yield (
        f"A Node server of {versions.OLDER} may run beside this one, on the same database. It plays"
        " along in half of the scenarios, and where it answers otherwise than"
        f" {versions.RECORD} stands here, or a test fails."
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
