"""The course of a replay: exchanges left out, each with its reason, repeated ones and pauses."""

from fnmatch import fnmatchcase

OMITTED = {
    "acct/account-info": "names an account by its random id; compared live in tests/parity",
    "acct/get-access-token": "the same",
    "acct/refresh-token": "the same",
    "pg/get (2)": "an object became the name before; here that is refused",
    "acct/get-session after*": "what was updated before is not offered yet",
    "off/docs": "the options of openAPI() are not offered yet",
    "ss*/reset*": "its token is in a mail; tests/parity has this",
    "v_basic/nonlatin callback": "a 500 there, after the session was written; works here",
}

# The recorder sent the same request up to this one, and kept the last; a list of addresses before
# it counted as none there.
REPEATED = {"rl/#127 GET /ok": 100, "rldb/xff garbage": 2}

# Seconds that passed before these.
PAUSES = {"rl/signin after window": 10.5, "rl/slide 1": 6.0, "rl/slide 2": 6.0, "rl/slide 4": 6.0}


def is_omitted(name: str) -> bool:
    """Whether `<server>/<exchange>` is left out."""
    return any(fnmatchcase(name, pattern.replace("[", "[[]")) for pattern in OMITTED)


def repeats(name: str) -> int:
    """How often the request was sent."""
    return REPEATED.get(name, 1)
