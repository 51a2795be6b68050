"""Reads the variables that this API shares with the Better Auth service."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from .table_names import format_table_variable

_PREFIX: Final = "BETTER_AUTH_"
_OWN: Final = "BETTER_AUTH_BRIDGE_"
_FILE: Final = "_FILE"
_SHOWN: Final = 60  # characters of a bad value

SECRET_NAMES: Final = (
    "BETTER_AUTH_SECRET",
    "BETTER_AUTH_SECRETS",
    "BETTER_AUTH_JWT_SECRET",
    "DATABASE_URL",
)
NAMES: Final = (
    *SECRET_NAMES,
    "BETTER_AUTH_URL",
    "BETTER_AUTH_BASE_PATH",
    "BETTER_AUTH_TRUSTED_ORIGINS",
    "BETTER_AUTH_JWT_ALG",
    "BETTER_AUTH_JWT_ISSUER",
    "BETTER_AUTH_JWT_AUDIENCE",
    "BETTER_AUTH_JWT_JWKS_JWKS_PATH",
    "BETTER_AUTH_ADVANCED_COOKIE_PREFIX",
    "BETTER_AUTH_ADVANCED_COOKIES",
    "BETTER_AUTH_ADVANCED_USE_SECURE_COOKIES",
    "BETTER_AUTH_BEARER_REQUIRE_SIGNATURE",
    "BETTER_AUTH_PLUGINS",
    "BETTER_AUTH_SESSION_STORE_SESSION_IN_DATABASE",
    *(
        f"{format_table_variable(table)}_{option}"
        for table in ("user", "session", "account")
        for option in ("MODEL_NAME", "FIELDS")
    ),
    "BETTER_AUTH_BRIDGE_MODE",
    "BETTER_AUTH_BRIDGE_JWKS_URL",
    "BETTER_AUTH_BRIDGE_SESSION_URL",
    "BETTER_AUTH_BRIDGE_LIVE",
    "DATABASE_PREPARED",
    "REDIS_URL",
)

_BOOLEANS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_VERSIONED: Final = re.compile(r"[0-9]{1,9}\s*:(.*)", re.DOTALL)
# What Kubernetes sets for a service called better-auth-bridge.
_LINK: Final = re.compile(_OWN + r"(SERVICE_(HOST|PORT)|PORT)(_\w+)?")
# A slip of one or two letters, or in short names of one; names of the service that this API has no
# use for are further off.
_SLIP: Final = 0.92


class Environment:
    """The variables, in the service's grammar. An empty variable counts as unset.

    Invalid values are ignored and listed in `faults`, one line each, never with a secret.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._values = {name: value for name, value in environ.items() if value.strip()}
        self.faults = [
            fault for name in sorted(self._values) if (fault := self._describe_misspelling(name))
        ]

    def read_text(self, name: str) -> str | None:
        """Returns the value without blanks at its ends, or None if unset."""
        value = self._values.get(name)
        return None if value is None else value.strip()

    def read_secret(self, name: str) -> str | None:
        """Returns a secret, or the content of its `…_FILE` without the line end."""
        value, file = self._values.get(name), self._values.get(name + _FILE)
        if file is None:
            return value
        if value is not None:
            self.faults.append(f"{name} is set twice: remove it or {name}{_FILE}")
            return None
        try:
            return Path(file).read_text("utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, ValueError):
            self.faults.append(f"{name} can't be read from the file that {name}{_FILE} names")
            return None

    def read_versions(self, name: str) -> tuple[str, ...]:
        """Parses `2:new,1:old`. The first is the current one."""
        text = self.read_secret(name)
        entries = [] if text is None else text.split(",")
        found = [_VERSIONED.fullmatch(entry.strip()) for entry in entries]
        if None in found:
            self.faults.append(f"{name} must be version:secret between commas, like 2:new,1:old")
        return tuple(match[1].strip() for match in found if match)

    def read_switch(self, name: str) -> bool | None:
        """Returns a boolean, or None if it is unset."""
        text = (self.read_text(name) or "").lower()
        if text and text not in _BOOLEANS:
            self._refuse(name, "must be true or false")
        return _BOOLEANS.get(text)

    def read_choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        """Returns the value if it is one of `choices`."""
        text = self.read_text(name)
        if text is None or text in choices:
            return text
        self._refuse(name, f"must be {', '.join(choices[:-1])} or {choices[-1]}")
        return None

    def read_list(self, name: str) -> tuple[str, ...]:
        """Parses a list: separated by commas or blanks, or JSON."""
        text = self.read_text(name) or ""
        entries: object = re.split(r"[,\s]+", text)
        if text.startswith("["):
            try:
                entries = json.loads(text)
            except (ValueError, RecursionError):
                entries = None
        if not isinstance(entries, list) or not all(isinstance(part, str) for part in entries):
            self._refuse(name, 'must be a list such as one,two or ["one", "two"]')
            return ()
        return tuple(part.strip() for part in entries if part.strip())

    def read_names(self, name: str) -> Mapping[str, str]:
        """Parses a JSON object of names by names."""
        found: object = None
        with suppress(ValueError, RecursionError):
            found = json.loads(self.read_text(name) or "{}")
        if isinstance(found, dict):
            names = {key: each for key, each in found.items() if isinstance(each, str) and each}
            if len(names) == len(found):
                return names
        self._refuse(name, 'must be JSON such as {"emailVerified": "email_verified"}')
        return {}

    def read_member(self, name: str, *path: str) -> str | None:
        """Returns the text at a path of a JSON object."""
        found: object = None
        try:
            found = json.loads(self.read_text(name) or "{}")
        except (ValueError, RecursionError):
            self._refuse(name, "must be a JSON object")
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, str) else None

    def _refuse(self, name: str, demand: str) -> None:
        text = self._values[name].strip()
        self.faults.append(f"{name} {demand}, not {text[:_SHOWN]!r}{'…' * (len(text) > _SHOWN)}")

    def _describe_misspelling(self, name: str) -> str | None:
        """Finds misspelled names: unknown ones of ours, or one letter from an unset one."""
        plain = name.removesuffix(_FILE)
        if not name.startswith(_PREFIX) or name in NAMES or plain in SECRET_NAMES:
            return None
        if _LINK.fullmatch(name):
            return None
        if (meant := _OWN + name.removeprefix(_PREFIX)) in NAMES:
            return f"{name} is not a setting: did you mean {meant}?"
        prefix = _OWN if name.startswith(_OWN) else _PREFIX
        own = plain.removeprefix(prefix)
        cutoff = 0.6 if prefix == _OWN else min(_SLIP, (len(own) - 1) / (len(own) or 1))
        known = {real.removeprefix(prefix): real for real in NAMES if real.startswith(prefix)}
        nearest = get_close_matches(own, known, n=1, cutoff=cutoff)
        if nearest and (prefix == _OWN or known[nearest[0]] not in self._values):
            return f"{name} is not a setting: did you mean {known[nearest[0]]}?"
        return f"{name} is not a setting: remove it" if prefix == _OWN else None
