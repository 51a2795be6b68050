"""Settings that stop this server and not the original; `docs/parity.md` has a table of them."""

from .options import Setup
from .unseen import Told

_HOST = {"baseURL": "https://auth.example.com"}
_PLAIN = {"baseURL": "http://auth.example.com"}
_SHARED = {"advanced.crossSubDomainCookies.enabled": True}
_DOMAIN = "advanced.crossSubDomainCookies.domain"
_LONGEST = "emailAndPassword.maxPasswordLength"


class Start(Told, frozen=True, kw_only=True):
    """A row of the page: each example starts there, and is refused here."""

    examples: tuple[Setup, ...]


def _secret(text: str) -> Setup:
    return Setup({}, {"BETTER_AUTH_SECRET": text}, {"secret": text})


STARTS: tuple[Start, ...] = (
    Start(
        what="A secret under 32 characters, a known placeholder, or one that repeats itself",
        original="a warning; in production its own default alone stops the start",
        here="with the command that makes one",
        why="whoever knows the examples of the docs could sign sessions",
        examples=(
            _secret("short"),
            _secret("better-auth-secret-12345678901234567890"),
            _secret("a" * 40),
        ),
    ),
    Start(
        what="A cookie domain that is not the host's, is an address, or has no dot",
        original="set, and dropped by the browser",
        here="with a line that says which domains would do",
        why="everybody would sign in and not be signed in",
        examples=(
            Setup({**_HOST, **_SHARED, _DOMAIN: "example.org"}),
            Setup({**_HOST, **_SHARED, _DOMAIN: "com"}),
            Setup({"baseURL": "http://127.0.0.1:8000", **_SHARED}),
            Setup({"baseURL": "http://localhost:8000", **_SHARED}),
        ),
    ),
    Start(
        what="A cookie that no browser keeps: `SameSite=None` or `Partitioned` by plain http beyond"
        " `localhost`, a name or a path with signs that cookies don't have, a prefix that is the"
        " browser's",
        original="set, and dropped by the browser",
        here="with a line that names the option",
        why="the same",
        examples=(
            Setup({**_PLAIN, "advanced.defaultCookieAttributes.sameSite": "none"}),
            Setup({**_PLAIN, "advanced.defaultCookieAttributes.partitioned": True}),
            Setup({"advanced.cookiePrefix": "my app"}),
            Setup({"advanced.cookiePrefix": "__Host-a"}),
            Setup({"advanced.defaultCookieAttributes.path": "/a;b"}),
        ),
    ),
    Start(
        what="`trustedOrigins` that trust every site, or nobody",
        original="taken",
        here="with a line that says why, and what to name",
        why="every page of the world could act for everybody",
        examples=tuple(
            Setup({"trustedOrigins": [pattern]})
            for pattern in ("https://*", "http://*:3000", "*", "localhost:3000")
        ),
    ),
    Start(
        what="Every address as a trusted proxy",
        original="taken",
        here="with a line that says what to name",
        why="every client chooses its own address",
        examples=(Setup({"advanced.ipAddress.trustedProxies": ["0.0.0.0/0"]}),),
    ),
    Start(
        what="Mails without a mail server",
        original="there it is a callback's business",
        here="with a line that `SMTP_URL` is missing",
        why="somebody would wait for a mail",
        examples=(Setup({"emailAndPassword.sendResetPassword": True}),),
    ),
    Start(
        what="Options that can't do what they say: a `baseURL` with a query, a shortest password"
        " above the longest, `disabledPaths` that never match, a session of no length",
        original="taken",
        here="with a line for each",
        why="a protection that was misspelt is none",
        examples=(
            Setup({"baseURL": "https://auth.example.com/?x=1"}),
            Setup({"emailAndPassword.minPasswordLength": 20, _LONGEST: 10}),
            Setup({"disabledPaths": ["sign-out"]}),
            Setup({"session.expiresIn": -5}),
        ),
    ),
)
