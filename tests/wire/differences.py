"""Where our answers differ from the recorded ones on purpose: each entry with its reason.

An entry says what the recorded answer becomes here, so one that no longer applies fails.
"""

from collections.abc import Callable
from fnmatch import fnmatchcase
from http import HTTPStatus
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from .recording import Exchange, Lines, Response, Server
from .servers import settings_for

EXPOSED = (
    "set-auth-token, set-auth-jwt, X-Total-Count, X-Retry-After, Retry-After, WWW-Authenticate"
)
CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
TAKEN = (
    '{"message":"User already exists. Use another email.",'
    '"code":"USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"}'
)
NOT_FOUND = '{"code":"NOT_FOUND","message":"Not Found","detail":"Not Found"}'
WRONG_PASSWORD = '{"message":"Invalid email or password","code":"INVALID_EMAIL_OR_PASSWORD"}'


class Replayed(Struct, frozen=True):
    """An exchange, named `<server>/<exchange>`, and the server that it was recorded from."""

    name: str
    server: Server
    base_path: str
    exchange: Exchange

    @property
    def is_inside(self) -> bool:
        """Whether the path is one under the base path."""
        return self.exchange.request.path.startswith(f"{self.base_path.rstrip('/')}/")

    @property
    def origin(self) -> str:
        headers = {name.lower(): value for name, value in self.exchange.request.headers}
        return headers.get("origin", "")


Change = Callable[[Response, Replayed], Response]


class Difference(Struct, frozen=True):
    """`change` makes our answer of the recorded one, for exchanges whose name fits a pattern."""

    reason: str
    change: Change
    names: tuple[str, ...] = ("*",)

    def applies(self, replayed: Replayed) -> bool:
        return any(fnmatchcase(replayed.name, pattern) for pattern in self.names)


def expected(replayed: Replayed) -> Response:
    """The recorded answer, as it has to read here."""
    response = replayed.exchange.response
    for difference in DIFFERENCES:
        if difference.applies(replayed):
            response = difference.change(response, replayed)
    return response


def _with(response: Response, *added: tuple[str, str]) -> Response:
    """The answer with these headers; they replace those of the same name."""
    names = {name for name, _ in added}
    kept = [(name, value) for name, value in response.headers if name not in names]
    return msgspec.structs.replace(response, headers=[*kept, *added])


def _json(response: Response, status: int, body: str) -> Response:
    return _with(
        msgspec.structs.replace(response, status=status, body=body),
        ("content-type", "application/json"),
    )


def _without(response: Response, drop: Callable[[str, str], bool]) -> Response:
    kept: Lines = [line for line in response.headers if not drop(*line)]
    return msgspec.structs.replace(response, headers=kept)


def _security(response: Response, _: Replayed) -> Response:
    return _with(
        response,
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    )


def _no_store(response: Response, replayed: Replayed) -> Response:
    return _with(response, ("cache-control", "no-store")) if replayed.is_inside else response


def _own_not_found(response: Response, replayed: Replayed) -> Response:
    is_base = replayed.exchange.request.path == replayed.base_path
    if replayed.is_inside or is_base or response.status != HTTPStatus.NOT_FOUND:
        return response
    return _json(response, HTTPStatus.NOT_FOUND, NOT_FOUND)


def _cors(response: Response, replayed: Replayed) -> Response:
    varied = _with(response, ("vary", "Origin"))
    if not _is_page(replayed):
        return varied
    return _with(
        varied,
        ("access-control-allow-origin", replayed.origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", EXPOSED),
    )


def _is_page(replayed: Replayed) -> bool:
    """Whether a page of the request's origin is trusted; the recorder tried some with patterns."""
    tried = replayed.name.startswith("v_trust/origin http")
    accepted = tried and replayed.exchange.response.status == HTTPStatus.OK
    return accepted or replayed.origin in ("http://localhost:3000", replayed.server.origin)


def _preflight(response: Response, _: Replayed) -> Response:
    return _with(
        msgspec.structs.replace(response, status=HTTPStatus.NO_CONTENT),
        ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("access-control-allow-headers", "content-type, authorization"),
        ("access-control-max-age", "600"),
    )


def _policy(response: Response, _: Replayed) -> Response:
    is_page = ("content-type", "text/html") in response.headers
    return _with(response, ("content-security-policy", CSP)) if is_page else response


def _wrong_password(response: Response, _: Replayed) -> Response:
    return _json(response, HTTPStatus.UNAUTHORIZED, WRONG_PASSWORD)


def _taken(response: Response, _: Replayed) -> Response:
    return _json(response, HTTPStatus.UNPROCESSABLE_ENTITY, TAKEN)


def _led_to_taken(response: Response, _: Replayed) -> Response:
    led = _json(response, HTTPStatus.FOUND, "")
    return _with(led, ("location", "/x?error=USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"))


def _peer_address(response: Response, _: Replayed) -> Response:
    """In the body, and in a cookie cache."""

    def told(text: str) -> str:
        return text.replace('"ipAddress":""', '"ipAddress":"127.0.0.1"')

    headers = [(name, told(value)) for name, value in response.headers]
    return msgspec.structs.replace(response, headers=headers, body=told(response.body))


def _no_keys(response: Response, replayed: Replayed) -> Response:
    server = replayed.name.partition("/")[0]
    if settings_for(server, replayed.server).jwt.alg != "HS256":
        return response
    published = response.body.startswith('{"keys":')
    return msgspec.structs.replace(response, body='{"keys":[]}') if published else response


def _no_jwt(response: Response, _: Replayed) -> Response:
    return _without(
        response, lambda name, _: name in ("set-auth-jwt", "access-control-expose-headers")
    )


def _revoked(response: Response, _: Replayed) -> Response:
    cleared = (
        ("set-cookie", f"better-auth.{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")
        for name in ("session_token", "session_data", "session_data", "dont_remember")
    )
    body = '{"message":"Unauthorized","code":"UNAUTHORIZED"}'
    return _with(_json(response, HTTPStatus.UNAUTHORIZED, body), *cleared)


def _all_cookies(response: Response, replayed: Replayed) -> Response:
    """The first of two, which got lost there: the session's own."""
    sent = next(v for n, v in replayed.exchange.request.headers if n.lower() == "cookie")
    token = sent.partition("session_token=")[2].partition(";")[0]
    line = f"better-auth.session_token={token}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"
    lines = [(name, value) for name, value in response.headers if name == "set-cookie"]
    return _with(
        response,
        ("set-cookie", line),
        *lines,
        ("set-auth-token", unquote(token)),
        ("access-control-expose-headers", "set-auth-token"),
    )


DIFFERENCES = (
    Difference("a symmetric key is never published", _no_keys),
    Difference(
        "an expired session earns no token",
        _no_jwt,
        ("sess/get-session expired", "defer/get expired", "defer/post expired"),
    ),
    Difference(
        "a malformed stored hash is a wrong password",
        _wrong_password,
        ("edge/signin malformed hash",),
    ),
    Difference("an address taken meanwhile is refused", _taken, ("edge/verify conflict",)),
    Difference("the same, told to the callbackURL", _led_to_taken, ("edge/verify conflict cb",)),
    Difference("the client is the peer, unless a trusted proxy says otherwise", _peer_address),
    Difference("no token for a revoked session", _revoked, ("cc_*/token cached after revoke",)),
    Difference(
        "all cookies of a guard are sent",
        _all_cookies,
        (
            "ck_mid/list-accounts*",
            "ck_mid/verify-password*",
            "ck_mid/update-user*",
            "ck_mid/token*",
        ),
    ),
    Difference("outside the base path are pages and a task API of our own", _own_not_found),
    Difference("no answer is sniffed or leaks a link by Referer", _security),
    Difference("pages run no scripts and load nothing", _policy),
    Difference("nothing under the base path is kept by caches", _no_store),
    Difference("scripts of trusted origins may read every answer", _cors),
    Difference("a trusted origin's preflight is answered", _preflight, ("routing/ok OPTIONS",)),
)
