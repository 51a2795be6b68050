"""What the version of record does otherwise than an older one that may run beside this server.

The older version plays along where many scenarios share a pair of servers, and where a row shows:
a difference that no row explains fails its scenario, and so does a row that no longer shows.
"""

from collections import Counter
from functools import cache

from .differences import ABSENT, Difference, Rule
from .scenario import Engine, Scenario, all_scenarios

LEAST = 5  # scenarios that share servers, for a third one to be worth its start

# Cookies that one of them clears, and a session that is over there, or never began.
_COOKIES = (Rule("cookie.*"),)
_SESSION = (
    Rule("header.set-auth-jwt*"),
    Rule("header.access-control-expose-headers"),
    Rule("body*"),
)

# `original` is what the older version does, `here` what that of record does.
OLDER: tuple[Difference, ...] = (
    Difference(
        what="Routes that end one's own session: `/revoke-session`, `/revoke-sessions`,"
        " `/delete-user` with a token",
        original="leave its cookies, and with the cookie cache give a new cached session",
        here="clear all three",
        why="",
        rules=(
            *_COOKIES,
            *_SESSION,
        ),
        scenarios=(
            *("active_sessions/own_revoked", "active_sessions/all_revoked"),
            *("deletion/token_posted", "cookie_cache/ended_by_oneself"),
            *("secondary_storage/foreign_session_is_not_revoked", "secondary_storage/lost_in_*"),
        ),
        shows=(
            *("active_sessions/own_revoked", "active_sessions/all_revoked"),
            *("deletion/token_posted", "cookie_cache/ended_by_oneself"),
        ),
    ),
    Difference(
        what="A sign-in that is remembered, after one that was not",
        original="leaves `dont_remember`",
        here="expires it",
        why="",
        rules=_COOKIES,
        scenarios=("signing/not_remembered", "cookie_cache/remembered_again"),
    ),
    Difference(
        what="`/get-session` with an expired session",
        original="null, but a valid `set-auth-jwt`",
        here="null and no token",
        why="",
        rules=(
            Rule("header.set-auth-jwt", ours=ABSENT),
            Rule("header.access-control-expose-headers", r"\['set-auth-jwt'\]", ABSENT),
        ),
        scenarios=("sessions/expired*", "cookie_cache/expired", "tokens/expired_token"),
    ),
    Difference(
        what="The link that changes an address",
        original="signs in whoever opens it, and makes the address a verified one",
        here="signs nobody in, and leaves `emailVerified` as it was",
        why="",
        rules=(
            *_COOKIES,
            *_SESSION,
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("*.emailVerified", "True", "False"),
        ),
        scenarios=("email_change/proven_elsewhere", "email_change/forgetful_session"),
    ),
    Difference(
        what="The link that changes an address, opened once more",
        original="`USER_NOT_FOUND`, or valid where somebody else has the address now",
        here="`INVALID_TOKEN`: it is its user's alone",
        why="",
        rules=(Rule("header.location.0", ".*USER_NOT_FOUND'", ".*INVALID_TOKEN'"),),
        scenarios=("email_change/proven",),
    ),
    Difference(
        what="A token of the secret that changes an address and carries no `userId`",
        original="valid",
        here="`INVALID_TOKEN`",
        why="",
        rules=(
            *_COOKIES,
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("header.access-control-expose-headers", ours=ABSENT),
            Rule("header.location.0", ours=".*INVALID_TOKEN'"),
        ),
        scenarios=("verification/signed_with_the_secret_itself",),
    ),
    Difference(
        what="Media types of bodies",
        original="any that contains `application/json` will do",
        here="compared exactly: else 415",
        why="",
        rules=(
            Rule("status", ours="415"),
            Rule("reason", ours="'Unsupported Media Type'"),
            Rule("body.message", ours="'Content-Type .* is not allowed.*"),
            Rule("body.code", ours="'UNSUPPORTED_MEDIA_TYPE'"),
        ),
        scenarios=("bodies/media_types",),
    ),
    Difference(
        what="A body sent to `/get-session`",
        original="judged: 415 and 400",
        here="ignored",
        why="",
        rules=(Rule("status"), Rule("reason"), Rule("header.*"), Rule("body*"), Rule("compact")),
        scenarios=("bodies/ignored",),
    ),
    Difference(
        what="`SameSite=None` and `Partitioned`",
        original="`Secure` only where it is set",
        here="make a cookie `Secure`",
        why="",
        rules=(Rule("cookie.*.attributes.*"),),
        scenarios=("cookies/secure_of_other_sites", "cookies/secure_and_partitioned"),
    ),
    Difference(
        what="`X-Retry-After`, counting in PostgreSQL",
        original="a number of 15 digits",
        here="seconds to wait",
        why="",
        rules=(Rule("header.x-retry-after.0", r"'\d{15}'", r"'\d{1,2}'"),),
        scenarios=("rate_limit/*_in_postgresql",),
    ),
    Difference(
        what="The document of the API",
        original="without the parameters of optional queries",
        here="with them",
        why="",
        rules=(Rule("body.paths.*.parameters.*"), Rule("body.design")),
        scenarios=("pipeline/api_document",),
    ),
    Difference(
        what="Trusted origins with wildcards: hosts of digits, dots and wildcards, custom schemes",
        original="`192.168.*.*` admits `192.168.evil.com`; wildcards of a custom scheme are tried"
        " on the whole text",
        here="IPv4 addresses only; scheme, host and path each by itself",
        why="",
        rules=(Rule("status"), Rule("reason"), Rule("header.*"), Rule("cookie.*"), Rule("body*")),
        scenarios=("origins/patterns*",),
    ),
    Difference(
        what="Sessions in Redis, all of a user's ended at once",
        original="the entries are deleted",
        here="also a mark, `revoked-sessions-before-<userId>`: an older session is none",
        why="",
        rules=(Rule("stored.*"),),
        scenarios=(
            "secondary_storage/changed_password_ends_the_others",
            "secondary_storage/reset_that_revokes",
        ),
    ),
    Difference(
        what="`/list-sessions` with `session.storeSessionInDatabase`",
        original="lists what Redis has",
        here="lists what the database has",
        why="",
        rules=(Rule("body.*"),),
        scenarios=("secondary_storage/lost_in_both",),
    ),
)


def plays_along(scenario: Scenario, engine: Engine) -> bool:
    """Whether the older version runs beside the servers of a scenario."""
    return scenario.group(engine) in _groups()


@cache
def _groups() -> frozenset[str]:
    """On SQLite, and on PostgreSQL for what runs there alone."""
    groups = [(one, one.group(one.engines[0])) for one in all_scenarios()]
    counts = Counter(group for one, group in groups if "sqlite" in one.engines)
    shared = {group for group, count in counts.items() if count >= LEAST}
    return frozenset(shared | {group for one, group in groups if _shows(one)})


def _shows(scenario: Scenario) -> bool:
    return any(difference.must_show(scenario.name) for difference in OLDER)
