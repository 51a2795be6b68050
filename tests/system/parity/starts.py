"""Settings that stop this server and not the original; `docs/parity.md` has a table of them."""

from .options import Options, Setup
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


def _admin(options: Options) -> Setup:
    return Setup({"plugins": ["admin"], **options})


def _organization(options: Options) -> Setup:
    return Setup({"plugins": ["organization"], **options})


STARTS: tuple[Start, ...] = (
    Start(
        what="A secret under 32 characters, a known placeholder, or one that repeats itself",
        original="a warning; in production only its own default prevents the start",
        here="with the command that creates a secret",
        why="an attacker who knows the examples of the docs could sign sessions",
        examples=(
            _secret("short"),
            _secret("better-auth-secret-12345678901234567890"),
            _secret("a" * 40),
        ),
    ),
    Start(
        what="A cookie domain that does not match the host, is an IP address, or has no dot",
        original="the browser ignores the cookie",
        here="with a line that names the possible domains",
        why="users would sign in and still not be signed in",
        examples=(
            Setup({**_HOST, **_SHARED, _DOMAIN: "example.org"}),
            Setup({**_HOST, **_SHARED, _DOMAIN: "com"}),
            Setup({"baseURL": "http://127.0.0.1:8000", **_SHARED}),
            Setup({"baseURL": "http://localhost:8000", **_SHARED}),
        ),
    ),
    Start(
        what=(
            "A cookie that no browser stores: `SameSite=None` or `Partitioned` over http (except"
            " on `localhost`), a name or a path with characters that are not allowed in cookies,"
            " a prefix that is reserved for browsers"
        ),
        original="the browser ignores the cookie",
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
        what="`trustedOrigins` that match every site, or no site",
        original="accepted",
        here="with a line that says why, and what to write",
        why="every page on the internet could act for every user",
        examples=tuple(
            Setup({"trustedOrigins": [pattern]})
            for pattern in ("https://*", "http://*:3000", "*", "localhost:3000")
        ),
    ),
    Start(
        what="Every address as a trusted proxy",
        original="accepted",
        here="with a line that says what to write",
        why="every client could choose its own address",
        examples=(Setup({"advanced.ipAddress.trustedProxies": ["0.0.0.0/0"]}),),
    ),
    Start(
        what="Mails, but no mail server",
        original="a callback sends them",
        here="with a line that says that `SMTP_URL` is missing",
        why="users would wait for a mail",
        examples=(Setup({"emailAndPassword.sendResetPassword": True}),),
    ),
    Start(
        what=(
            "Options that cannot work: a `baseURL` with a query, a minimum password length above"
            " the maximum, `disabledPaths` that never match, a session without lifetime,"
            " `multiSession.maximumSessions` of 0"
        ),
        original="accepted",
        here="with a line for each",
        why="a misspelled protection does not protect",
        examples=(
            Setup({"baseURL": "https://auth.example.com/?x=1"}),
            Setup({"emailAndPassword.minPasswordLength": 20, _LONGEST: 10}),
            Setup({"disabledPaths": ["sign-out"]}),
            Setup({"session.expiresIn": -5}),
            Setup({"plugins": ["multi-session"], "multiSession.maximumSessions": 0}),
        ),
    ),
    Start(
        what=(
            "Roles of the plugin `admin` that contradict: no role of `adminRoles`, a `defaultRole`"
            " that `roles` does not have, an unknown action on `user` or `session`, an address in"
            " `adminUserIds`"
        ),
        original="accepted",
        here="with a line for each",
        why="nobody would be an administrator, or a misspelled action would be refused",
        examples=(
            _admin({"admin.roles": {"owner": {"user": ["list"]}}}),
            _admin({"admin.roles": {"admin": {}}, "admin.defaultRole": "editor"}),
            _admin({"admin.roles": {"admin": {"user": ["lst"]}}}),
            _admin({"admin.adminUserIds": ["ada@example.com"]}),
        ),
    ),
    Start(
        what=(
            "Roles of the plugin `organization` that contradict: no `creatorRole` among `roles`,"
            " `dynamicAccessControl` without `ac`"
        ),
        original="accepted; requests are refused with 403 and 501",
        here="with a line for each",
        why="nobody could do anything in a new organization",
        examples=(
            _organization({"organization.roles": {"admin": {"member": ["create"]}}}),
            _organization({"organization.creatorRole": "boss"}),
            _organization({"organization.dynamicAccessControl.enabled": True}),
        ),
    ),
)
