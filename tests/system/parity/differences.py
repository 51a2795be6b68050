"""Where our answers differ from the original's on purpose; `docs/parity.md` is made of this table.

A difference that no entry explains fails its scenario, and so does an entry that no longer shows.
"""

from fnmatch import fnmatchcase
from re import DOTALL, fullmatch

from msgspec import Struct

from .comparison import Mismatch
from .unseen import Told

ABSENT = "'<absent>'"
EXPOSED = (
    "set-auth-token, set-auth-jwt, X-Total-Count, X-Retry-After, Retry-After, WWW-Authenticate"
)

CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


class Rule(Struct, frozen=True):
    """A glob over fields, see `Mismatch`, and regular expressions for what stands there."""

    field: str
    original: str = ".*"
    ours: str = ".*"

    def fits(self, found: Mismatch) -> bool:
        return (
            fnmatchcase(found.field, self.field)
            and fullmatch(self.original, found.original, DOTALL) is not None
            and fullmatch(self.ours, found.ours, DOTALL) is not None
        )


class Difference(Told, frozen=True, kw_only=True):
    """A row of the documentation, and where it may show: `scenarios` are globs of their names.

    It must show in every scenario that fits `shows`, which are `scenarios` unless told otherwise.
    """

    rules: tuple[Rule, ...]
    scenarios: tuple[str, ...] = ("*",)
    shows: tuple[str, ...] = ()

    def explains(self, scenario: str, found: Mismatch) -> bool:
        return _fits(scenario, self.scenarios) and any(rule.fits(found) for rule in self.rules)

    def must_show(self, scenario: str) -> bool:
        return _fits(scenario, self.shows or self.scenarios)


def _fits(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _exactly(*values: str) -> str:
    """The lines of one header."""
    return "|".join(f"{_escaped(repr([value]))}" for value in values)


def _escaped(text: str) -> str:
    return "".join(f"\\{each}" if each in "[]().*+?|{}^$\\" else each for each in text)


def _answer(original: str, ours: str) -> tuple[Rule, ...]:
    """An empty answer there and JSON here."""
    return (
        Rule("status", original, ours),
        Rule("reason"),
        Rule("header.content-type", ABSENT, _exactly("application/json")),
        Rule("compact", ABSENT, "True"),
    )


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        what="A hook that refuses a new user with 403, where nobody learns who has an account",
        original="200 with a made-up user, as for a taken address; hooks do not run for that one",
        here=(
            "the refusal of the hook. Hooks run for a taken address, too, so that free and taken"
            " get the same answer, also with the same changes of the hook"
        ),
        why="people learn why they cannot sign up; the fields of the answer reveal nothing",
        rules=(
            Rule("status", "200", "403"),
            Rule("reason"),
            Rule("body.token", "None", ABSENT),
            Rule("body.user", ".*evil.example.*", ABSENT),
            Rule("body.message", ABSENT, "'Not yours'"),
            Rule("body.code", ABSENT, "'COMPANY_ONLY'"),
            Rule("body.user.name", "'Ada'", "'Ada of Acme'"),
            Rule("body.user.team", "None", "'blue'"),
        ),
        scenarios=("hooks/user_is_refused_where_nobody_learns_who_has_an_account",),
    ),
    Difference(
        what="`before_email_verification` and `after_email_verification` refuse a link",
        original="403 with JSON, in the browser of the person who opened the link",
        here="a redirect to the `callbackURL` with `?error=` and the code",
        why="the page can say what is wrong, as for all other faults of links",
        rules=(
            *(Rule("status", "403", "302"), Rule("reason"), Rule("compact", "True", ABSENT)),
            Rule("header.location", ABSENT, r"\['/\?error=TOO_(EARLY|LATE)'\]"),
            Rule("body", ".*Not you.*", "''"),
        ),
        scenarios=("hooks/proof_of_an_address_is_refused",),
    ),
    Difference(
        what="A hook that refuses to delete a user",
        original="sessions and accounts are deleted already: the user stays, and cannot sign in",
        here="nothing is deleted",
        why="a refusal must not leave half of a user",
        rules=(
            *(Rule("status", "401", "200"), Rule("reason")),
            *(Rule("header.set-auth-token"), Rule("cookie.length")),
            *(Rule(f"body.{name}", ours=ABSENT) for name in ("message", "code")),
            *(Rule(f"body.{name}", ABSENT) for name in ("redirect", "token", "user")),
        ),
        scenarios=("hooks/deletion_is_refused",),
    ),
    Difference(
        what="The order of the fields in the refusal of `validateUserInfo`",
        original="`code`, `message`",
        here="`message`, `code`, as in all other refusals",
        why="one exception refuses in every hook",
        rules=(Rule("body.order", r"\['code', 'message'\]", r"\['message', 'code'\]"),),
        scenarios=("hooks/outsiders_are_refused",),
    ),
    Difference(
        what="Security headers",
        original="none",
        here="`nosniff`, `Referrer-Policy: no-referrer`; `no-store` under the base path;"
        " a CSP on pages",
        why="OWASP ASVS 3.4",
        rules=(
            Rule("header.x-content-type-options", ABSENT, _exactly("nosniff")),
            Rule("header.referrer-policy", ABSENT, _exactly("no-referrer")),
            Rule("header.cache-control", ABSENT, _exactly("no-store")),
            Rule("header.content-security-policy", ABSENT, f".*{_escaped(CSP)}.*"),
        ),
        shows=("sessions/*",),
    ),
    Difference(
        what="CORS",
        original="none",
        here=(
            "for trusted http(s) origins: preflight, `Access-Control-*` on every response, `Vary:"
            " Origin`"
        ),
        why="front ends on another origin need it",
        rules=(
            Rule("header.vary", ABSENT, _exactly("Origin")),
            Rule("header.access-control-allow-origin", ABSENT),
            Rule("header.access-control-allow-credentials", ABSENT, _exactly("true")),
            Rule("header.access-control-expose-headers", ABSENT, _exactly(EXPOSED)),
            Rule(
                "header.access-control-expose-headers.0",
                ".*set-(auth|ott).*",
                f"'{_escaped(EXPOSED)}(, set-ott)?'",
            ),
        ),
        shows=("sessions/*",),
    ),
    Difference(
        what="Every response",
        original="",
        here="`x-request-id`",
        why="the log has the same id",
        rules=(Rule("header.x-request-id", ABSENT),),
        shows=("sessions/*",),
    ),
    Difference(
        what="Token algorithm",
        original="EdDSA and other key pairs",
        here="HS256 with the shared secret; if `BETTER_AUTH_JWT_ALG` names a key pair, identical",
        why="a Python API verifies it with one line; Better Auth cannot sign with a shared secret",
        rules=(
            Rule("*.header.alg", "'EdDSA'", "'HS256'"),
            Rule("*.signature", ABSENT, "'right'"),
        ),
        shows=("sessions/read", "tokens/hs256"),
    ),
    Difference(
        what="Token header under HS256",
        original="`alg`, `kid`",
        here="`alg`, `typ: at+jwt`",
        why="RFC 9068: no other JWT can be used as an access token, and the reverse",
        rules=(Rule("*.header.kid", ours=ABSENT), Rule("*.header.typ", ABSENT, r"'at\+jwt'")),
        shows=("sessions/read",),
    ),
    Difference(
        what="Token claims under HS256",
        original="user fields, `sub`, `iat`, `exp`, `iss`, `aud`",
        here=(
            "also `user_id` (= `sub`) and `sid` (the id of the session row); no `aud`, unless"
            " `BETTER_AUTH_JWT_AUDIENCE` is set"
        ),
        why='plain `jwt.decode(token, secret, algorithms=["HS256"])` refuses a token that has an'
        " `aud`",
        rules=(
            Rule("*.claims.aud", ours=ABSENT),
            Rule("*.claims.user_id", ABSENT),
            Rule("*.claims.sid", ABSENT),
            Rule("*.claims.order"),
        ),
        shows=("sessions/read",),
    ),
    Difference(
        what="Long user fields",
        original="in every token",
        here="HS256 tokens leave out a field over 1,024 bytes, for example an image as a data URL",
        why="proxies, and our own verifier, refuse such a long header",
        rules=(Rule("*.claims.name", "'n{5000}'", ABSENT),),
        scenarios=("validation/accepted_at_sign_up",),
    ),
    Difference(
        what="Malformed stored hash",
        original="500",
        here="401 INVALID_EMAIL_OR_PASSWORD",
        why="it matches no password",
        rules=(*_answer("500", "401"), Rule("body", "''", ".*INVALID_EMAIL_OR_PASSWORD.*")),
        scenarios=("signing/malformed_hash",),
    ),
    Difference(
        what="`/jwks` under HS256",
        original="creates a key pair if there is none",
        here="the public keys in the table; none in a new database",
        why="a symmetric key is never published",
        rules=(Rule("body.keys.length", ours=r"\[\]"),),
        shows=("tokens/hs256", "bearer/published*"),
    ),
    Difference(
        what="A private key that cannot be decrypted",
        original="500, empty, on `/token` and `/get-session`",
        here=(
            "the same status with the code `SIGNING_KEY_UNREADABLE`; the log says how to repair it"
        ),
        why="the operator must find the reason",
        rules=(
            Rule("header.content-type", ABSENT, _exactly("application/json")),
            Rule("body", "''", ".*SIGNING_KEY_UNREADABLE.*"),
            Rule("compact", ABSENT, "True"),
        ),
        scenarios=("tokens/unreadable_key", "tokens/versioned_secrets"),
    ),
    Difference(
        what="Tokens in mailed links",
        original="JWTs signed with the secret itself",
        here=(
            "JWTs of the same form, signed with a key derived from it (HKDF), one key for each"
            " purpose"
        ),
        why=(
            "an access token, a cookie cache or a link for another purpose must not verify an"
            " address. Neither server accepts the links of the other"
        ),
        rules=(
            Rule("header.location.0", "'/in'", r"'/in\?error=INVALID_TOKEN'"),
            Rule("cookie.length", ours=r"\[\]"),
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("header.access-control-expose-headers*"),
        ),
        scenarios=("verification/signed_with_the_secret_itself",),
    ),
    Difference(
        what="Several sign-ups for an address that is not verified",
        original=(
            "with `requireEmailVerification`, the first password counts when the address is"
            " verified, no matter who chose it. The other sign-ups get no mail"
        ),
        here=(
            "each sign-up gets a link. The password of the sign-up whose link is opened becomes"
            " the password of the account, and older sessions end. After that, a link of"
            " `/send-verification-email` only verifies the address, and the owner resets the"
            " password"
        ),
        why=(
            "otherwise an attacker who signs up first with the address of another person knows"
            " the password of the account that the owner verifies"
            " ([0014](decisions/0014-several-sign-ups-for-one-address.md))"
        ),
        rules=(
            Rule("status", "200|401", "200|401"),
            Rule("reason"),
            Rule("header.*"),
            Rule("cookie*"),
            Rule("body*"),
        ),
        scenarios=("verification/signed_up_by_two",),
    ),
    Difference(
        what="A link to change an address that was not verified when it was asked for",
        original="changes the address also after its owner has verified it, with `magic-link` or"
        " `email-otp`, and so ended what the account had before",
        here="`INVALID_TOKEN` as soon as the address is verified",
        why="who signs up with the address of another person would get the account of the owner",
        rules=(Rule("header.location.0", "'/'", r"'/\?error=INVALID_TOKEN'"),),
        scenarios=("magic_link/change_asked_for_before",),
    ),
    Difference(
        what="The new address is taken when the link to change it is opened",
        original="an empty 500",
        here=(
            "422 `USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, or a redirect to the callbackURL with"
            " that code in `error=`"
        ),
        why="a client cannot act on a 500",
        rules=(
            Rule("status", "500", "302|422"),
            Rule("reason", "'Internal Server Error'", "'Found'|'Unprocessable Entity'"),
            Rule("header.content-type", ABSENT, _exactly("application/json")),
            Rule("header.location", ABSENT, ".*error=USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL.*"),
            Rule("body", "''", ".*USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL.*"),
            Rule("compact", ABSENT, "True"),
        ),
        scenarios=("email_change/taken_meanwhile",),
    ),
    Difference(
        what="`update-user` with wrong types",
        original=(
            'a number is stored as text such as `"5.0"`; null, a list or an object cause an empty'
            " 500"
        ),
        here="400 `VALIDATION_ERROR` with the original's message, also for additional fields",
        why="the service stores only what the client meant",
        rules=(
            Rule("status", "200|500", "400"),
            Rule("reason", ours="'Bad Request'"),
            Rule("header.content-type", ABSENT, _exactly("application/json")),
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("header.access-control-expose-headers*"),
            Rule("cookie.length", ours=r"\[\]"),
            Rule("body.status", "True", ABSENT),
            Rule("body.message", ABSENT, ".*Invalid (input|option): expected.*"),
            Rule("body.code", ABSENT, "'VALIDATION_ERROR'"),
            Rule("body", "''", ".*Invalid (input|option): expected.*"),
            Rule("compact", ABSENT, "True"),
        ),
        scenarios=("profile/wrong_types*", "additional_fields/wrong_types_of_the_user"),
    ),
    Difference(
        what="`/admin/update-user` and `/admin/create-user` with wrong types",
        original="stored, such as the text `yes` in `banned`; or an empty 500",
        here="400 `VALIDATION_ERROR`, as for `/update-user`",
        why="the service stores only what the client meant",
        rules=(
            Rule("status", "200|500", "400"),
            Rule("reason", ours="'Bad Request'"),
            Rule("header.content-type", ABSENT, _exactly("application/json")),
            Rule("body.message", ABSENT, ".*Invalid input: expected.*"),
            Rule("body.code", ABSENT, "'VALIDATION_ERROR'"),
            Rule("body.*", ours=ABSENT),
            Rule("body", "''", ".*Invalid input: expected.*"),
            Rule("compact", ABSENT, "True"),
        ),
        scenarios=("admin/wrong_types",),
    ),
    Difference(
        what="An administrator ends the own session with `/admin/revoke-user-session(s)`",
        original="the cookies stay",
        here="the response expires them",
        why="the cookie cache would sign in for minutes",
        rules=(Rule("cookie.length"),),
        scenarios=("admin/sessions_of_oneself",),
    ),
    Difference(
        what="Sign-up with a taken address, with the plugin `admin`",
        original="`role` of the invented user is null",
        here="it is `admin.defaultRole`, as for a free address",
        why="the response must not say who has an account",
        rules=(Rule("body.user.role", "None", "'user'"),),
        scenarios=("admin/roles_without_sign_in",),
    ),
    Difference(
        what="A mailed link of `/verify-email` that would sign in a banned user",
        original="403 `BANNED_USER` as JSON, after it has verified the address",
        here="the address is verified, and the browser goes to the callbackURL with `error=`",
        why="somebody who opens a link should see a page, as for every other fault of a link",
        rules=(
            Rule("status", "403", "302"),
            Rule("reason", "'Forbidden'", "'Found'"),
            Rule("header.location", ABSENT, _exactly("/next?error=BANNED_USER")),
            Rule("body", ".*BANNED_USER.*", "''"),
            Rule("compact", "True", ABSENT),
        ),
        scenarios=("admin/mailed_link_of_a_banned_user",),
    ),
    Difference(
        what="`impersonatedBy` of a session that is only in Redis",
        original="the fourth key",
        here="the last key",
        why="all additional fields are last",
        rules=(Rule("body.session.order"),),
        scenarios=("admin/sessions_in_redis",),
    ),
    Difference(
        what="Values that an update cannot store",
        original="an empty 500",
        here="422 `FAILED_TO_UPDATE_USER` or `FAILED_TO_UPDATE_SESSION`",
        why="a client cannot act on a 500",
        rules=(
            Rule("status", "500", "422"),
            Rule("reason", "'Internal Server Error'", "'Unprocessable Entity'"),
            Rule("header.content-type", ABSENT, _exactly("application/json")),
            Rule("body", "''", ".*FAILED_TO_UPDATE_(USER|SESSION).*"),
            Rule("compact", ABSENT, "True"),
        ),
        scenarios=("additional_fields/updates_that_cannot_be_kept",),
    ),
    Difference(
        what="IPv4 address as `::FFFF:C000:201`",
        original="not the same client as `192.0.2.1`, unless its groups have four digits",
        here="the same client",
        why="another spelling of an address must not avoid the limit (CVE-2026-45364)",
        rules=(
            Rule("status", "200", "429"),
            Rule("reason", "'OK'", "'Too Many Requests'"),
            Rule("header.x-retry-after", ABSENT, _exactly("60")),
            Rule("body.ok", "True", ABSENT),
            Rule("body.message", ABSENT, "'Too many requests.*"),
        ),
        scenarios=("rate_limit/mapped_address_in_its_shortest_form",),
    ),
    Difference(
        what="Request without cookies from an origin that is not trusted",
        original="refused at sign-in and sign-up",
        here="also on `/send-verification-email` and `/request-password-reset`",
        why="a page that is not trusted must not cause mails",
        rules=(
            Rule("status", "200", "403"),
            Rule("reason", "'OK'", "'Forbidden'"),
            Rule("body.status", "True", ABSENT),
            Rule("body.message", ours="'Invalid origin'|'Missing or null Origin'"),
            Rule("body.code", ABSENT, "'INVALID_ORIGIN'|'MISSING_OR_NULL_ORIGIN'"),
        ),
        scenarios=("verification/asked_for_by_a_foreign_page", "reset/asked_for_by_a_foreign_page"),
    ),
    Difference(
        what="`/token` with `session.cookieCache`",
        original="answered from the cache",
        here="reads the store",
        why="a token is valid for minutes; a revoked session must not get one",
        rules=(
            Rule("status", "200", "401"),
            Rule("reason", ours="'Unauthorized'"),
            Rule("cookie.length", r"\[\]"),
            Rule("body.*"),
        ),
        scenarios=("cookie_cache/token_from_store",),
    ),
    Difference(
        what="`set-auth-jwt` with `session.cookieCache`",
        original="also in responses from the cache",
        here="only if the store has the session",
        why="as for `/token`: it is valid for minutes",
        rules=(
            Rule("header.set-auth-jwt", ours=ABSENT),
            Rule("header.access-control-expose-headers", ours=ABSENT),
        ),
        scenarios=("cookie_cache/revoked", "cookie_cache/expired", "admin/own_roles_and_names"),
    ),
    Difference(
        what="Endpoints that list or change something, with `session.cookieCache`",
        original=(
            "`/list-sessions`, `/update-user`, `/update-session`, `/list-accounts`,"
            " `/unlink-account` and `/organization/*` use the cache"
        ),
        here="they ask the store whether the session is active",
        why=(
            "otherwise, for five minutes, the cookie of a revoked session can list the session"
            " tokens, which are credentials, and can write"
        ),
        rules=(
            Rule("status", "200|400", "401"),
            Rule("reason", ours="'Unauthorized'"),
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("header.access-control-expose-headers", ours=ABSENT),
            Rule("cookie.*"),
            Rule("body*"),
        ),
        scenarios=("cookie_cache/more_from_store",),
    ),
    Difference(
        what="Invalid text in the cookie cache",
        original=(
            "if it is not base64: 500, or 401 where a session is required, until the browser"
            " deletes it"
        ),
        here="expired and written again",
        why="a cookie must not lock a user out",
        rules=(
            Rule("status", "500|401", "200"),
            Rule("reason", ours="'OK'"),
            Rule("header.set-auth-jwt", ABSENT),
            Rule("header.access-control-expose-headers*"),
            Rule("cookie.length", r"\[\]"),
            Rule("body*"),
        ),
        scenarios=("cookie_cache/no_base64",),
    ),
    Difference(
        what="Cookies that are set while the session is checked",
        original="only the last one is sent",
        here="all are sent",
        why="a bug of the original",
        rules=(
            Rule("cookie.*"),
            Rule("header.set-auth-token", ABSENT),
            Rule("header.access-control-expose-headers*"),
        ),
        scenarios=("cookie_cache/guards",),
    ),
    Difference(
        what="Several session cookies, after their domain setting changed",
        original=(
            "the first one counts, which is the oldest. With an expired one the user cannot sign in"
        ),
        here=(
            "of those with a valid signature, the newest session counts, and is set again in one"
            " cookie"
        ),
        why="a setting must not lock users out",
        rules=(
            Rule("body*", "None"),
            Rule("header.set-auth-*", ABSENT),
            Rule("header.access-control-expose-headers*"),
            Rule("cookie.length", r"\[\]"),
        ),
        scenarios=("sessions/several_cookies_of_a_name",),
    ),
    Difference(
        what="Cookies that are expired",
        original="those of the current domain",
        here=(
            "also those of the host alone and of each parent domain, unless another program set one"
        ),
        why=(
            "after a change of the setting an old cookie would stay, and its cache would sign the"
            " user in again"
        ),
        rules=(Rule("cookie.length"),),
        scenarios=(
            *("cookies/https", "cookies/not_secure", "cookies/shared", "cookies/of_other_sites"),
            "cookies/attributes_of_*",
        ),
    ),
    Difference(
        what="Session cookies signed with an older one of `secrets`",
        original="are invalid: all users must sign in again",
        here="are valid, and are signed again with the first",
        why="no user is signed out. A session token is random; its signature reveals nothing",
        rules=(
            Rule("body*", "None"),
            Rule("header.set-auth-*", ABSENT),
            Rule("header.access-control-expose-headers*"),
            Rule("cookie.length", r"\[\]"),
        ),
        scenarios=("sessions/older_secret",),
    ),
    Difference(
        what="Client IP",
        original="a forwarding header; without one, all clients share a limit",
        here=(
            "the address that connects; a forwarding header only from"
            " `advanced.ipAddress.trustedProxies`, read from right to left"
        ),
        why="any client can write the header",
        rules=(Rule("*.ipAddress", "''", r"'127\.0\.0\.1'"),),
        scenarios=("signing/client_details",),
    ),
    Difference(
        what="`javascript://a.example.com/%0a…` as a callback URL, with `*.example.com` trusted",
        original="accepted: the client opens it, and the page runs the script",
        here="403, like any script",
        why="applications forward what their own URL contains",
        rules=(
            Rule("status", "200", "403"),
            Rule("reason", "'OK'", "'Forbidden'"),
            Rule("body.success", "True", ABSENT),
            Rule("body.message", ABSENT, "'Invalid (callbackURL|redirectURL)'"),
            Rule("body.code", ABSENT, "'INVALID_(CALLBACK|REDIRECT)_URL'"),
            Rule("cookie.length"),
        ),
        scenarios=("callbacks/script_at_a_trusted_host",),
    ),
    Difference(
        what="Non-Latin-1 callbackURL at sign-in and in mailed links",
        original="500 after the session was created",
        here="works, percent-encoded in `Location`",
        why="the original leaves a session that no client has",
        rules=(
            *_answer("500", "200"),
            Rule("body", "''"),
            Rule("cookie.length", r"\[\]"),
            Rule("header.set-auth-token", ABSENT),
            Rule("header.access-control-expose-headers", ABSENT),
            Rule("header.location", ABSENT, _exactly("/%E6%97%A5%E6%9C%AC")),
        ),
        scenarios=("signing/callback_outside_latin_1",),
    ),
    Difference(
        what="Links into an app, with the plugin `expo()`",
        original="`cookie=` with the session, if a link of `/verify-email` signs in",
        here="no session in a URL",
        why=(
            "any app on the phone can register the scheme. The client reads it only after social"
            " sign-in, which is not offered here"
        ),
        rules=(Rule("header.location.0", "'myapp://.*[?&]cookie=.*'", "'myapp://(?!.*cookie).*'"),),
        scenarios=("expo/link_into_the_app",),
    ),
    Difference(
        what="Paths outside the base path",
        original="an empty 404",
        here="the task API, `/docs`, `/schema` and `/health`; for others a JSON 404",
        why="they belong to this service",
        rules=(
            Rule("header.content-type", ABSENT, _exactly("application/json")),
            Rule("compact", ABSENT, "True"),
            Rule("body", "''", ".*'detail': 'Not Found'.*"),
            # The root shows the documentation.
            *(Rule("status", "404", "302"), Rule("reason", "'Not Found'", "'Found'")),
            Rule("header.content-type", ABSENT, _exactly("text/plain; charset=utf-8")),
            Rule("header.location", ABSENT, _exactly("/docs")),
        ),
        scenarios=(
            *("pipeline/outside", "pipeline/double_slash", "pipeline/base_path"),
            "pipeline/path_in_the_base_url",
        ),
    ),
    Difference(
        what="`/error`",
        original="a page in its design",
        here=(
            "a page in our design, with the same words except `Ask AI`; `Go Home` leads to the"
            " first front end of `trustedOrigins`, if there is one"
        ),
        why="if the front end has another origin, the root of this service is not its home page",
        rules=(
            Rule("body.design"),
            Rule("body.words.length", r".*'Go Home', 'Ask AI'\]", r".*'Go Home'\]"),
        ),
        scenarios=("pipeline/error_page",),
    ),
    Difference(
        what="`/reference`, `/open-api/generate-schema`",
        original="describe Better Auth",
        here="describe this server; off if `BETTER_AUTH_URL` is https, unless `API_DOCS=true`",
        why="this server has a task API, and lists only what it offers",
        rules=(
            Rule("body*"),
            Rule("header.content-type.0", "'text/html'", "'text/html; charset=utf-8'"),
            Rule("header.content-security-policy", ABSENT),
        ),
        scenarios=("pipeline/api_document",),
    ),
    Difference(
        what="`username: null` with `immutableUsername`",
        original="removes the username, so that the user can take another one",
        here="400 `USERNAME_IS_IMMUTABLE`",
        why="others could take the name of a user who had it",
        rules=(
            Rule("status", "200", "400"),
            Rule("reason", "'OK'", "'Bad Request'"),
            Rule("body*"),
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("header.access-control-expose-headers*"),
            Rule("cookie.length"),
        ),
        scenarios=("username/immutable_one_removed",),
    ),
    Difference(
        what="A one-time token of a session that has expired",
        original="400, with the cookie of the session, and perhaps another one-time token",
        here="400, without",
        why="no refusal gives a session",
        rules=(
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("header.set-ott", ours=ABSENT),
            Rule("header.access-control-expose-headers*"),
            Rule("cookie.length", ours=r"\[\]"),
        ),
        scenarios=("one_time_token/expired_session*",),
    ),
    Difference(
        what="Cookies of the plugin `multi-session` at sign-out",
        original="expires them in any order, each when its signature is verified, and under a name"
        " in lower case, so that one whose name has capitals stays",
        here="expires all, in the order of the request",
        why="a cookie that stays would count against `maximumSessions`",
        rules=(Rule("cookie.*_multi-*.name"),),
        scenarios=("multi_session/*", "plugins_together/*", "all_plugins/*"),
        shows=("multi_session/capitals_in_a_name",),
    ),
    Difference(
        what="A breached password, with a wrong current password, at `/change-password`",
        original="asks Have I Been Pwned, and says that the new password is compromised",
        here="`INVALID_PASSWORD`, and nothing of the new password leaves the service",
        why="the current password comes first, so that nobody makes the service ask for others",
        rules=(
            Rule("body.code", "'PASSWORD_COMPROMISED'", "'INVALID_PASSWORD'"),
            Rule("body.message", ".*compromised.*", "'Invalid password'"),
        ),
        scenarios=("have_i_been_pwned/sign_up_and_change",),
    ),
    Difference(
        what="Guesses at a code of `email-otp` that nobody was mailed",
        original="`INVALID_OTP` for each: the fourth one tells whether somebody has the address",
        here="`TOO_MANY_ATTEMPTS` after as many as for a code that was mailed",
        why="neither `forget-password` nor a change of the address tells who has an account",
        rules=(
            Rule("status", "400", "403"),
            Rule("reason", "'Bad Request'", "'Forbidden'"),
            Rule("body.code", "'INVALID_OTP'", "'TOO_MANY_ATTEMPTS'"),
            Rule("body.message", "'Invalid OTP'", "'Too many attempts'"),
        ),
        scenarios=("email_otp/guesses_at_strangers",),
    ),
    Difference(
        what="An administrator changes a user, and sends the username that the user has",
        original="400 `USERNAME_IS_ALREADY_TAKEN`: it compares the user with the administrator",
        here="the user is changed",
        why="forms send all fields. A username of another user is refused by both",
        rules=(
            Rule("status", "400", "200"),
            Rule("reason", "'Bad Request'", "'OK'"),
            Rule("body.*"),
        ),
        scenarios=("plugins_together/administrator_keeps_a_username",),
    ),
    Difference(
        what="`set-auth-token` of a sign-in that asks for a second factor",
        original="the token of a session that ended at once",
        here="no token, because there is no session before the second factor",
        why="a session that must not be used is never written",
        rules=(
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("header.access-control-expose-headers*"),
        ),
        scenarios=(
            "two_factor/*",
            "all_plugins/*",
            "plugins_together/second_factor_after_a_method",
        ),
        shows=(
            "all_plugins/usual_three",
            *("two_factor/app_enabled_and_used", "two_factor/mailed_codes", "two_factor/no_*"),
            *("two_factor/backup_codes_and_attempts", "two_factor/trusted_devices"),
            *("two_factor/every_option", "two_factor/used_code"),
        ),
    ),
    Difference(
        what="A code of an authenticator app that was right once",
        original="is right until its time is over",
        here="401 `INVALID_CODE`, and so is an older one",
        why="someone who sees a code must not use it, too (RFC 6238, 5.2)",
        rules=(
            Rule("status", "200", "401"),
            Rule("reason", "'OK'", "'Unauthorized'"),
            Rule("body*"),
            Rule("cookie*"),
            Rule("header.*"),
        ),
        scenarios=("two_factor/used_code",),
    ),
    Difference(
        what="A sign-in that asks for a second factor, with a callbackURL",
        original="`set-auth-token` and `Location` of a session that it has already deleted; also"
        " the cookie of `multi-session` and `set-ott`, if `two-factor` stands after these plugins",
        here="none of them",
        why="there is no session before the second factor",
        rules=(
            Rule("header.set-auth-token", ours=ABSENT),
            Rule("header.location", ours=ABSENT),
            Rule("header.access-control-expose-headers*"),
        ),
        scenarios=("plugins_together/second_factor", "all_plugins/all_ten"),
    ),
    Difference(
        what="Fields of members and of organizations that do not exist, or no field at all",
        original=(
            "an empty 500 to a `filterField` or `sortBy` that members do not have, to a value that"
            " does not fit, and to an empty `data` of `/organization/update`"
        ),
        here="400 `UNUSABLE_FILTER`, and 400 `No fields to update`",
        why="the client is wrong, not the server",
        rules=(
            Rule("status", "500", "400"),
            Rule("reason", "'Internal Server Error'", "'Bad Request'"),
            Rule("header.content-type", ABSENT, _exactly("application/json")),
            Rule("compact", ABSENT, "True"),
            Rule("body", "''", ".*(UNUSABLE_FILTER|No fields to update).*"),
        ),
        scenarios=("organization/unusable_filters",),
    ),
    Difference(
        what="The order of `activeOrganizationId` and `activeTeamId` in a session of Redis",
        original="that in which they were set",
        here="`activeOrganizationId` first, as in a session of the database",
        why="no program reads the order",
        rules=(Rule("body.session.order"),),
        scenarios=("organization/sessions_elsewhere",),
    ),
    Difference(
        what="The order of the keys where `/organization/update-member-role` knows no such role",
        original="`code` before `message`",
        here="`message` before `code`, as in all other refusals",
        why="no program reads the order",
        rules=(Rule("body.order", r"\['code', 'message'\]", r"\['message', 'code'\]"),),
        scenarios=(
            *("organization/members_and_roles", "organization/own_roles"),
            "organization/own_roles_of_an_organization",
        ),
    ),
)
