"""Hashes that no password matches: what is checked where there is nothing to check.

A check of one costs as much as a check of any other hash of its form.
"""

import re
from collections.abc import Iterable
from typing import Final

from .hash_limits import UnusableHash, get_usable_hash
from .hashes import Kind, Scheme, make_argon2id

_MEASURED: Final = 4  # costs of argon2 in one table; the most expensive ones decide
# Of random passwords that nobody kept.
_ARGON2_END: Final = "$5ArXO87/2hh/ukE3EZzkWQ$A3LPOpU7XfJ6/qOStnqvPE49GTO9P2eNSe+37bHpua0"
_SCRYPT: Final = (
    "bbf82e3c623a06945ef688307e598262:"
    "0f29c3cdcea7abb4c17ce792a70adfdb119608794ed7ece4fbfd0da39a32bc6f"
    "2bbb2844267d56ca5f84d07e71199ed0434632fe328e70a897d6bfc0852d8c74"
)
_OTHERS: Final = {
    "scrypt": _SCRYPT,
    "bcrypt": "$2b$12$kTk8wHvH7hH6J0nP5bX5qOZr0u3pQJmV9sW1dY4eL2fG7aT6cB8Ri",
    "pbkdf2": "pbkdf2_sha256$600000$b16Xk2pLw0sVq9Zt4nYh3r"
    "$A3LPOpU7XfJ6/qOStnqvPE49GTO9P2eNSe+37bHpua0=",
}
_PARAMETERS: Final = re.compile(r"\$m=(\d{1,9}),t=(\d{1,9}),p=\d{1,9}", re.ASCII)


def make_decoy(scheme: Scheme) -> str:
    """Returns a decoy with the cost of a new hash."""
    if scheme.kind is Kind.SCRYPT:
        return _SCRYPT
    made = make_argon2id(scheme.cost)
    parameters = f"m={made.memory_cost},t={made.time_cost},p={made.parallelism}"
    return f"$argon2id$v=19${parameters}{_ARGON2_END}"


def list_decoys(forms: Iterable[str]) -> list[str]:
    """Returns a decoy for each form of hashes in the table, see `SchemaState.hashes`.

    Forms that are never checked are left out, and the cheaper ones of many argon2 forms.
    """
    found = list(forms)
    of_argon2 = sorted(filter(None, map(_make_argon2, found)), key=_get_work)
    return [*of_argon2[-_MEASURED:], *(_OTHERS[form] for form in found if form in _OTHERS)]


def _make_argon2(form: str) -> str | None:
    if not form.startswith("$argon2"):
        return None
    try:
        return get_usable_hash(form + _ARGON2_END)
    except UnusableHash:
        return None


def _get_work(decoy: str) -> int:
    found = _PARAMETERS.search(decoy)
    assert found is not None  # it is usable
    return int(found[1]) * int(found[2])
