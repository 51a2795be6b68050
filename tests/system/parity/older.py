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
        what=(
            "Endpoints that end the caller's own session: `/revoke-session`, `/revoke-sessions`,"
            " `/delete-user` with a token"
        ),
        original="keep its cookies, and with the cookie cache set a new cached session",
        here="expire all three",
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
        what="A sign-in with `rememberMe`, after one without",
        original="keeps `dont_remember`",
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
        original="signs in the person who opens it, and verifies the address",
        here="does not sign in, and does not change `emailVerified`",
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
        what="The link that changes an address, opened again",
        original="`USER_NOT_FOUND`, or valid if another user has the address now",
        here="`INVALID_TOKEN`: it is valid only for its user",
        why="",
        rules=(Rule("header.location.0", ".*USER_NOT_FOUND'", ".*INVALID_TOKEN'"),),
        scenarios=("email_change/proven",),
    ),
    Difference(
        what="A token, signed with the secret, that changes an address and has no `userId`",
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
        original="any that contains `application/json`",
        here="compared exactly; others get 415",
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
        original="checked: 415 and 400",
        here="ignored",
        why="",
        rules=(Rule("status"), Rule("reason"), Rule("header.*"), Rule("body*"), Rule("compact")),
        scenarios=("bodies/ignored",),
    ),
    Difference(
        what="`SameSite=None` and `Partitioned`",
        original="`Secure` only if it is set",
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
        what="The OpenAPI document",
        original="without the parameters of optional queries",
        here="with them",
        why="",
        rules=(Rule("body.paths.*.parameters.*"), Rule("body.design")),
        scenarios=("pipeline/api_document",),
    ),
    Difference(
        what="Trusted origins with wildcards: hosts of digits, dots and wildcards, custom schemes",
        original=(
            "`192.168.*.*` matches `192.168.evil.com`; wildcards of a custom scheme are compared"
            " with the whole text"
        ),
        here="only IPv4 addresses; scheme, host and path are compared separately",
        why="",
        rules=(Rule("status"), Rule("reason"), Rule("header.*"), Rule("cookie.*"), Rule("body*")),
        scenarios=("origins/patterns*",),
    ),
    Difference(
        what="Sessions in Redis, when all sessions of a user end",
        original="the entries are deleted",
        here="also sets `revoked-sessions-before-<userId>`: older sessions are invalid",
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
    return not scenario.setup.plugins and scenario.group(engine) in _groups()


@cache
def _groups() -> frozenset[str]:
    """On SQLite, and on PostgreSQL for what runs there alone."""
    groups = [(one, one.group(one.engines[0])) for one in all_scenarios()]
    counts = Counter(group for one, group in groups if "sqlite" in one.engines)
    shared = {group for group, count in counts.items() if count >= LEAST}
    return frozenset(shared | {group for one, group in groups if _shows(one)})


def _shows(scenario: Scenario) -> bool:
    return any(difference.must_show(scenario.name) for difference in OLDER)
