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
        "A hook that raises another error, or returns `false`",
        ("422 `FAILED_TO_CREATE_USER` or an empty 500; `false` ends the work, sometimes with 200"),
        "500, a log line with the name of the function, and nothing is written",
        "an error is not a refusal: `HookRefusal` is ([extending.md](extending.md))",
    ),
    Told(
        "`create.after`, `update.after` and `delete.after` of a hook",
        "after the commit; an error reaches the client, and the row stays",
        (
            "two hooks: `user_created` in the transaction, whose error undoes it, and"
            " `after_user_created` after the commit and apart, whose error is logged"
        ),
        "what belongs to a user is there exactly when the user is",
    ),
    Told(
        "A hook that returns the claims `iss`, `aud`, `exp`, `iat`, `nbf` or `jti` of a token",
        "they replace those of the server",
        "500, and a log line with the claim",
        "APIs rely on them",
    ),
    Told(
        "The plugin `expo()`",
        "must be added",
        (
            "always on, like `jwt` and `bearer`: `expo-origin` is used if Origin is missing,"
            " unless `expo.disableOriginOverride` is set. `/expo-authorization-proxy` is for"
            " social sign-in and does not exist"
        ),
        "the client of the apps works unchanged ([expo.md](expo.md)), and no page can use it",
    ),
    Told(
        "`email` in an HS256 token",
        "always",
        "left out on an adopted database",
        (
            "a Node server with the same secret accepts any HS256 JWT with an `email` as a"
            " verification link; `BETTER_AUTH_JWT_SECRET` also ends that"
        ),
    ),
    Told(
        "Deletion of a user that another table refers to",
        "500, after the sessions and accounts were deleted",
        "409 `FAILED_TO_DELETE_USER`, and nothing is deleted; the log names the constraint",
        "applications have their own rows",
    ),
    Told(
        "A link that was opened before",
        "a link that confirms a change of the address mails the new address each time",
        "it mails once; later it answers the same",
        "otherwise the owner of a link can send any number of mails to another person",
    ),
    Told(
        "Parallel first use of a key pair",
        "creates several",
        "creates one, with any number of processes",
        "",
    ),
    Told(
        "A link or code of `magic-link`, `email-otp`, if what it is for fails",
        "spent",
        "still valid: it is spent in the transaction of what it is for",
        "a refusal, such as that of a banned user, or a failure of the database costs no link",
    ),
    Told(
        "Parallel guesses of a code of `email-otp`",
        "one is compared; the others are `INVALID_OTP` and do not count",
        "each is compared, and counts",
        "a right code does not fail because somebody else guesses",
    ),
    Told(
        "First proof of an address by `magic-link` or `email-otp`",
        "deletes accounts and sessions one after the other",
        "deletes them in the transaction that stores the new session",
        "a password that is being checked meanwhile gives no session that stays",
    ),
    Told(
        "Parallel links or codes of an address that nobody has",
        "500 for all but one",
        "all sign in: the first one makes the user",
        "",
    ),
    Told(
        "`emailOTP.sendVerificationOnSignUp`, if the address is taken",
        "mails a code without a session, also to a verified address",
        "mails a code only if nobody has verified the address",
        "nobody can send mails to verified users by signing up",
    ),
    Told(
        "`/change-email` with `emailOTP.overrideDefaultEmailVerification`",
        "mails nothing to the new address",
        "mails the link",
        "the address could not change",
    ),
    Told(
        "Anonymous user and session",
        "two writes",
        "one transaction",
        "no anonymous user is left without a session",
    ),
    Told(
        "Password hash",
        "scrypt",
        (
            "argon2id (by default 19 MiB, t=2, p=1) on a database that this service made; verifies"
            " scrypt, bcrypt, PBKDF2 and argon2"
        ),
        "OWASP Password Storage",
    ),
    Told(
        "Writes after a hash",
        "unconditional",
        ("creates a session, or replaces a hash, only if the verified hash is still stored"),
        "a password that was changed in between must not work",
    ),
    Told(
        "Time of a refused request",
        "one dummy hash",
        (
            "the same work for an unknown address, and a minimum time on a table with several"
            " kinds of hash. A sign-up that must not reveal who has an account, and a request"
            " for a password reset, take a quarter of a second for all. Writing and mailing a"
            " link come after the response"
        ),
        "the time must not reveal who has an account",
    ),
    Told(
        "Users with `twoFactorEnabled` or `banned`, if the plugin `two-factor` or `admin` is off",
        "sign in with the password alone",
        (
            "403 `TWO_FACTOR_REQUIRED` or `BANNED_USER` after the correct password, and no"
            " token. A mailed link verifies or changes their address, but does not sign in"
        ),
        "a user who relies on the second factor, or is banned, must not be let in",
    ),
    Told(
        "A ban during a sign-in, with the plugin `admin`",
        "the session stays",
        "it is refused, or ended with the others",
        "the transaction of the session judges the ban again",
    ),
    Told(
        "Sessions that an administrator has as other users",
        "last until they expire",
        (
            "end when the administrator is banned, is removed, or may impersonate nobody any more;"
            " those that are only in Redis expire"
        ),
        "who lost the rights of an administrator keeps no session that came from them",
    ),
    Told(
        "Roles of administrators, with sessions in Redis",
        "those of the copy in Redis",
        "those of the database",
        "a role that another program took away does not count",
    ),
    Told(
        "`/admin/set-user-password`",
        "the user's sessions stay",
        "they end if `emailAndPassword.revokeSessionsOnPasswordReset` is on",
        "it is a reset by somebody else",
    ),
    Told(
        "A ban that ends after the year 9999",
        "stored, or an empty 500",
        "ends at the end of 9999",
        "the databases' drivers have no later time",
    ),
    Told(
        "`updatedAt` in `data` of `/admin/create-user` and `/admin/update-user`",
        "stored",
        "ignored: it is the time of the change",
        "other servers compare it",
    ),
    Told(
        "A link to change an address without `requestType`",
        "changes it immediately",
        "is never created, and never valid",
        "it comes from older versions",
    ),
    Told(
        "The new address is taken while it changes (`updateEmailWithoutVerification`)",
        "an empty 500",
        'as if it was taken before: `{"status":true}`',
        "the same",
    ),
    Told(
        "`/verify-email` while the address of the user changes",
        "the other change is overwritten, or an empty 500",
        "401 `USER_NOT_FOUND`, as if the link was opened later",
        "a link is valid only for the address that it was made for",
    ),
    Told(
        "`session.cookieCache` on a database with bans or two factors",
        "",
        "written for other programs, but never used",
        "a ban must work immediately",
    ),
    Told(
        "`/revoke-other-sessions`",
        "ends at most 100",
        "ends all",
        "no session of an attacker may stay",
    ),
    Told(
        "Expired sessions of users who never return",
        "stay in the table",
        (
            "deleted one day after they expired, a few rows at a time; kept on an adopted"
            " database, unless `SESSION_CLEANUP=true` is set, and if they are preserved"
        ),
        "the table must not grow without end",
    ),
    Told(
        "Expired verifications",
        "deleted, all at once, when one is looked up",
        "deleted one day after they expired, a few rows at a time",
        "a request must not wait until a million rows are deleted",
    ),
    Told(
        "Rate limit per account",
        "none",
        (
            "ten wrong passwords for an address in fifteen minutes, from any client, whether"
            " an account has the address or not. A client that signed in to the account"
            " before has its own ten. The response is that of the limit per client"
        ),
        "it also stops an attacker with many client IPs",
    ),
    Told(
        "Rate limits of several workers",
        "each process counts alone, in memory",
        "does not start with several workers that count in memory",
        "a limit of 3 must not become 3 × workers",
    ),
    Told(
        "Rate limiting",
        "off outside production",
        "on",
        "a service runs in production",
    ),
    Told(
        "Sessions in Redis that change at the same time",
        (
            "reads, changes and writes: entries of a user's list can be lost, and an ended"
            " session can return"
        ),
        "every write replaces only what was read before",
        "each session must be in the list, and must end",
    ),
    Told(
        "Deletion of a user during a sign-in, sessions in Redis",
        "the new session may live longer than its user",
        "the session ends with the user",
        "GHSA-2vg6-77g8-24mp is the simple case",
    ),
    Told(
        "Other keys of Redis as a bearer token (`active-sessions-…`)",
        "500",
        "no session",
        "a token may name only a session",
    ),
    Told(
        "Tables `session` and `verification` with Redis",
        "not created",
        "created, and empty",
        "one schema for every setting",
    ),
    Told(
        "Restricted users, sessions in Redis",
        "reads the columns stored with the session",
        "reads the columns of the user from the database",
        "a ban must work immediately",
    ),
    Told(
        "Database or Redis down",
        "401 where a session is required, elsewhere an empty 500",
        "503 `STORE_UNAVAILABLE`",
        '"not signed in" would be wrong',
    ),
    Told(
        "Unhandled error",
        "500, empty",
        "500 JSON with a request id, which is also in the log",
        "the operator must find the reason",
    ),
    Told(
        "Body size",
        "unlimited",
        "413 over 1 MiB or 1,000 fields",
        "one body must not delay other requests",
    ),
    Told(
        "Hashing overload",
        "the event loop blocks",
        "a bounded queue; when it is full, 503 with `Retry-After`",
        "other requests must stay fast",
    ),
    Told(
        "Organizations: requests at the same time",
        (
            "two owners can leave, or demote each other, so that no owner is left; limits of"
            " members, invitations, teams and roles can be exceeded; an invitation can be rejected"
            " after it was accepted"
        ),
        "one after the other, as the lock of the organization decides",
        "an organization without an owner belongs to nobody",
    ),
    Told(
        "An invitation to somebody who has become a member since",
        "a second membership",
        "400 `USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION`",
        "the second one would stay after the first one was removed",
    ),
    Told(
        "More than 100 members, invitations or teams",
        "owners and limits are counted among the first 100",
        "among all",
        "the last owner of a large organization could leave",
    ),
    Told(
        "A challenge of `two-factor` after the user chose another password",
        "is valid until it expires",
        "401 `INVALID_TWO_FACTOR_COOKIE`",
        "nobody signs in with an old password after it was changed",
    ),
    Told(
        "A cookie of a trusted device that two requests send at the same time",
        "both sign in without a code",
        "one of them does, and the other one is asked for a code",
        "the cookie is good once: each sign-in replaces it",
    ),
    Told(
        "A secret or backup codes of `two-factor` that the current secrets cannot decrypt",
        "an empty 500",
        "500 `SECOND_FACTOR_UNREADABLE`, and a line in the log",
        "the operator learns that an old secret is missing in `BETTER_AUTH_SECRETS`",
    ),
    Told(
        "Values for an organization that the database refuses, such as a NUL on PostgreSQL",
        "an empty 500",
        "422 `FAILED_TO_SAVE`",
        "the fault is in the request",
    ),
    Told(
        "`cancelPendingInvitationsOnReInvite`, if an address has several invitations",
        "cancels the first one",
        "cancels all of them",
        "one of the others would still be good",
    ),
    Told(
        "A link to change an address, after the user got another password",
        "changes the address",
        "`INVALID_TOKEN`",
        "a reset of the password must end what an intruder asked for before",
    ),
)

# On hostile or broken input.
SMALLER = (
    (
        "A host over 253 characters, or with a label over 63, is never trusted (RFC 1035)."
        " The same is true for an `Origin` or `Referer` over 4,096 characters. `callbackURL`"
        " and similar URLs over 8,192 characters are refused as not trusted."
    ),
    (
        "A host with characters outside ASCII is trusted only in its `xn--` form. Wildcards"
        " are compared with at most 2,048 characters."
    ),
    (
        "If an address in the header of a trusted proxy is malformed, the address that connects"
        " counts."
    ),
    (
        "A cookie name that begins with a no-break space is another name, because browsers"
        " limit exactly `__Secure-` to https."
    ),
    (
        "In memory, paths that are not endpoints share 16 rate limit counters per client and"
        " rule, so that one client cannot fill the memory with invented paths. When the"
        " memory is full, counters of the rule with the most counters are removed."
    ),
    (
        "For a request target in absolute form, its path is used. `*` gets a 404 (it ends the"
        " process of the original)."
    ),
    (
        "A time before year 1 or after 9999 in a request is refused. If PostgreSQL stores"
        " such a time, or an infinite one, the response contains the nearest of these years,"
        " and a session with it lives as long as in the original; if JavaScript has no such"
        " date, the original returns null. If a time in SQLite is not a time, it counts as"
        " 1970, so a session that expires then is not active, and the log says how to find"
        " the rows. In the original such a session never expires."
    ),
    (
        "`/sign-in/social` and `/link-social` check the contents of `idToken`, `scopes` and"
        " additional fields only in bodies up to 16 KiB."
    ),
)
