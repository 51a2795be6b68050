"""Differences that no exchange shows: they need a race, a fault or a crowd, or concern no answer.

Their tests lie beside the code. `docs/parity.md` lists them with those of `differences.py`.
"""

from msgspec import Struct


class Told(Struct, frozen=True):
    """A row of the page."""

    what: str
    original: str
    here: str
    why: str


UNSEEN: tuple[Told, ...] = (
    Told(
        "The plugin `expo()`",
        "to be added",
        (
            "always there, as `jwt` and `bearer` are: `expo-origin` counts where Origin is "
            "missing, unless `expo.disableOriginOverride`; `/expo-authorization-proxy` is for "
            "social sign-in, so not there"
        ),
        "the apps' client works unchanged ([expo.md](expo.md)), and no page gains by it",
    ),
    Told(
        "`email` in an HS256 token",
        "always",
        "left out on an adopted database",
        (
            "a Node server with the same secret takes any HS256 JWT with an `email` for a "
            "verification link; `BETTER_AUTH_JWT_SECRET` ends that, too"
        ),
    ),
    Told(
        "A user whom another table refers to is deleted",
        "500, after the sessions and accounts are gone",
        "409 `FAILED_TO_DELETE_USER`, and nothing is lost; the log names the constraint",
        "an application has rows of its own",
    ),
    Told(
        "A link that was opened before",
        "one that confirms a change of the address mails the new address each time",
        "it mails once, and answers the same afterwards",
        "whoever had one sent a stranger as many mails as they liked",
    ),
    Told(
        "Parallel first use of a key pair",
        "several are made",
        "one is made, in however many processes",
        "",
    ),
    Told(
        "Password hash",
        "scrypt",
        (
            "argon2id (19 MiB, t=2, p=1) on a database that we made; scrypt, bcrypt, PBKDF2 and "
            "argon2 rows verify"
        ),
        "OWASP Password Storage",
    ),
    Told(
        "Writes after a hash",
        "unconditional",
        (
            "a session is made, and a hash replaced, only if the hash that was checked is still "
            "the stored one"
        ),
        "a password changed meanwhile is no longer a key",
    ),
    Told(
        "Time of a refusal",
        "one dummy hash",
        (
            "the same work for an unknown address, and a floor on a table with several kinds of "
            "hash; a sign-up that must not tell who has an account, and a request for a new "
            "password, take a quarter of a second for everybody; what is written and mailed for "
            "who asks for a link comes after the answer"
        ),
        "nobody learns who has an account",
    ),
    Told(
        "Users with `twoFactorEnabled` or `banned`",
        "plugins decide",
        (
            "403 `TWO_FACTOR_REQUIRED` or `BANNED_USER` after the right password, and no token; "
            "a mailed link verifies or changes their address, but signs nobody in"
        ),
        "those plugins are not here",
    ),
    Told(
        "A link to change an address without `requestType`",
        "changes it at once",
        "never made, and never valid",
        "left over from older versions",
    ),
    Told(
        "Address taken at the very moment it changes (`updateEmailWithoutVerification`)",
        "an empty 500",
        'as if it had been taken before: `{"status":true}`',
        "the same",
    ),
    Told(
        "`/verify-email` when the user's address changes at the same moment",
        "the other change is overwritten, or an empty 500",
        "401 `USER_NOT_FOUND`, as when the link is opened later",
        "a link speaks for the address it was made for",
    ),
    Told(
        "`session.cookieCache` on a database with bans or two factors",
        "",
        "written for other readers, and never believed",
        "a ban holds at once",
    ),
    Told(
        "`/revoke-other-sessions`",
        "ends at most 100",
        "ends all",
        "a session that stays would be a surprise, or a thief's",
    ),
    Told(
        "Expired sessions of people who never come back",
        "stay in the table for ever",
        (
            "deleted a day after they expired, a few rows at a time; not on a database that was "
            "adopted, unless `SESSION_CLEANUP=true` says so, nor where they are preserved"
        ),
        "a table that only grows",
    ),
    Told(
        "Rate limit per account",
        "none",
        (
            "ten wrong passwords for an address in fifteen minutes are enough, wherever they come "
            "from and whether anybody has it; a client that signed in to it before has ten of its "
            "own; answered like the limit per client"
        ),
        "a guesser who changes addresses is stopped, too",
    ),
    Told(
        "Rate limits of several workers",
        "each process counts for itself in memory",
        "a start with several workers that count in memory is refused",
        "a limit of 3 is no limit of 3 × workers",
    ),
    Told(
        "Rate limiting",
        "off outside production",
        "on",
        "a service is in production",
    ),
    Told(
        "Sessions in Redis, changed at the same moment",
        (
            "read, changed and written, so that entries of a user's list get lost and an ended "
            "session can come back"
        ),
        "every write replaces only what was read before",
        "each session must be listed, and must end",
    ),
    Told(
        "Deleting a user while they sign in, sessions in Redis",
        "the new session may outlive its user",
        "it ends with them",
        "GHSA-2vg6-77g8-24mp was the simple case",
    ),
    Told(
        "Other keys of Redis as a bearer token (`active-sessions-…`)",
        "500",
        "no session",
        "a token names a session and nothing else",
    ),
    Told(
        "Tables `session` and `verification` beside Redis",
        "not made",
        "made, and empty",
        "one schema for every setting",
    ),
    Told(
        "Restricted users, sessions in Redis",
        "what the session was stored with",
        "the user's marks are read from the database",
        "a ban must hold at once",
    ),
    Told(
        "Database or Redis down",
        "401 behind a guard, an empty 500 elsewhere",
        "503 `STORE_UNAVAILABLE`",
        '"not signed in" would be a lie',
    ),
    Told(
        "Unhandled error",
        "500, empty",
        "500 JSON with a request id, which is also in the log",
        "somebody must find it",
    ),
    Told(
        "Body size",
        "unlimited",
        "413 over 1 MiB or 1,000 fields",
        "one body must not hold up the other requests",
    ),
    Told(
        "Hashing overload",
        "the event loop stalls",
        "a bounded queue; when it is full, 503 with `Retry-After`",
        "the other requests keep their pace",
    ),
)

# On hostile or broken input.
SMALLER = (
    (
        "A host over 253 characters, or with a label over 63, is never trusted (RFC 1035), nor "
        "is an `Origin` or `Referer` over 4,096 characters; `callbackURL` and its siblings over "
        "8,192 characters are refused as untrusted."
    ),
    (
        "A host outside ASCII is trusted only in its `xn--` form; wildcards are not tried on "
        "more than 2,048 characters."
    ),
    "A malformed hop in a trusted proxy's header counts as the peer's own address.",
    (
        "A cookie's name that begins with a no-break space is another name: browsers keep "
        "`__Secure-` to https by the letter."
    ),
    (
        "In memory, paths that are no route share 16 rate-limit counters per client and rule: one "
        "client's invented paths can't fill the limiter's memory; when it is full, the most "
        "crowded rule gives way."
    ),
    (
        "A request target in absolute form gives its path, `*` is a 404 (it ends the original's "
        "process)."
    ),
    (
        "A moment before year 1 or after 9999 is refused in a request. One that PostgreSQL holds, "
        "or an infinite one, is told as the nearest of these years, and a session with it holds "
        "as long as there; where it is no JavaScript date, the original tells null. What SQLite "
        "holds that is no moment is 1970, so that no session with such an expiry holds, and the "
        "log says how to find the rows; at the original it holds for ever."
    ),
    (
        "`/sign-in/social` and `/link-social` judge what lies inside `idToken`, `scopes` and "
        "the additional fields only in bodies up to 16 KiB."
    ),
)
