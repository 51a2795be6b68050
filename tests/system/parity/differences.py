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
            Rule("header.access-control-expose-headers.0", ".*set-auth.*", repr(EXPOSED)),
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
        scenarios=("cookie_cache/revoked", "cookie_cache/expired"),
    ),
    Difference(
        what="Endpoints that list or change something, with `session.cookieCache`",
        original=(
            "`/list-sessions`, `/update-user`, `/update-session`, `/list-accounts` and"
            " `/unlink-account` use the cache"
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
)
