"""The layer in front: what is judged, in which order, and what never gets through."""

import pytest
from msgspec import UNSET

from app.auth.rate_limits.memory import MemoryRateLimits
from app.settings.settings import Settings
from app.web.endpoint import ApiRequest, Endpoint
from app.web.http.asgi import Message, Receive, Scope, Send, respond
from app.web.http.client import ForwardingNotice
from app.web.http.response import EmptyResponse
from app.web.input.parsed_body import NO_BODY
from app.web.middleware.front_controller import MAX_BODY, FrontController, FrontDependencies
from app.web.middleware.route_table import RouteTable
from app.web.origins.trusted_origins import TrustedOrigins
from app.web.request_context import get_request_context
from tests.support.asgi import Answer, Header, call, json_body
from tests.support.service import JSON, ORIGIN, SECRET

pytestmark = pytest.mark.anyio


ENDPOINTS = (
    Endpoint("GET /ok"),
    Endpoint("POST /sign-in/email", accepts_form=True),
    Endpoint("POST /sign-in/social", accepts_nested=True),
    Endpoint("POST /unread", ignores_body=True),
    Endpoint("POST /reset-password"),
    Endpoint("GET /reset-password/{token}"),
    Endpoint("GET /callback/{provider}"),
    Endpoint("POST /callback/{provider}"),
)
EVIL = ("origin", "https://evil.example")
COOKIE = ("cookie", "a=b")
LIMIT = {"message": "Too many requests. Please try again later."}


class Behind:
    """Keeps what got through, to an endpoint or to others, unread bodies too; answers 299."""

    def __init__(self) -> None:
        self.seen: list[tuple[Scope, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["type"] != "http"
        self.seen.append((scope, b"" if is_read else (await receive())["body"]))
        await respond(send, 299, [])

    async def handle(self, request: ApiRequest) -> EmptyResponse:
        self.seen.append((request.scope, b""))
        return EmptyResponse(299)


def front(behind: Behind, **options: object) -> FrontController:
    settings = Settings(secret=SECRET, **options)  # type: ignore[arg-type]  # a table of options
    trusted = TrustedOrigins([settings.origin, ORIGIN])
    limits = MemoryRateLimits() if settings.rate_limit.enabled else None
    defences = FrontDependencies(trusted, ForwardingNotice(lambda _: None), limits)
    routes = RouteTable(each.with_handler(behind.handle) for each in ENDPOINTS)
    return FrontController(behind, routes, settings, defences)


async def judged(
    target: str,
    headers: list[Header] | None = None,
    body: bytes = b"",
    *,
    method: str = "POST",
    app: FrontController | None = None,
) -> Answer:
    return await call(app or front(Behind()), method, target, headers or [], body)


def assert_bare_404(answer: Answer) -> None:
    assert (answer.status, answer.body) == (404, b"")
    assert answer.header("content-type") is None


# Order of judgement: each request has every fault from its own on.


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "text"),
    [
        ("/unknown", [("content-type", "text/plain"), COOKIE, EVIL], b"{", 404, ""),
        ("/ok", [("content-type", "text/plain"), COOKIE, EVIL], b"{", 404, ""),
        (
            "/sign-in/email",
            [("content-type", "text/plain"), COOKIE, EVIL],
            b"{",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("/sign-in/email", [JSON, COOKIE, EVIL], b"{", 400, "BAD_REQUEST"),
        ("/sign-in/email", [JSON, COOKIE], b"{}", 403, "MISSING_OR_NULL_ORIGIN"),
        (
            "/sign-in/email",
            [JSON, COOKIE, EVIL],
            b'{"callbackURL":"//evil.example"}',
            403,
            "INVALID_ORIGIN",
        ),
        (
            "/sign-in/email",
            [JSON, COOKIE, ("origin", ORIGIN)],
            b'{"callbackURL":"//evil.example"}',
            403,
            "INVALID_CALLBACK_URL",
        ),
        ("/sign-in/email", [JSON, COOKIE, ("origin", ORIGIN)], b"{}", 299, ""),
    ],
)
async def test_first_fault_in_the_original_s_order_decides(
    path: str, headers: list[Header], body: bytes, status: int, text: str
) -> None:
    answer = await judged(f"/api/auth{path}", headers, body)
    assert answer.status == status
    assert text in answer.body.decode()


@pytest.mark.parametrize("path", ["/sign-in/email", "/sign-in/email/", "/sign-in/unknown"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
async def test_rate_limit_comes_before_everything_else(path: str, method: str) -> None:
    app = front(Behind())
    headers = [("content-type", "text/plain"), COOKIE, EVIL]
    answers = [
        await judged(f"/api/auth{path}", headers, b"{", method=method, app=app) for _ in range(4)
    ]
    assert 429 not in [answer.status for answer in answers[:3]]
    assert answers[3].status == 429
    assert answers[3].json() == LIMIT
    assert answers[3].header("content-type") == "application/json"
    assert 1 <= int(answers[3].header("x-retry-after") or 0) <= 10
    assert answers[3].header("retry-after") is None


@pytest.mark.parametrize(
    "path",
    ["/sign-in/email/", "/./sign-in/email", "/x/../sign-in/email", "/%2e/sign-in/email"],
)
async def test_other_spelling_of_a_path_shares_its_counter(path: str) -> None:
    app = front(Behind())
    for _ in range(3):
        await judged(f"/api/auth{path}", app=app)
    assert (await judged("/api/auth/sign-in/email", app=app)).status == 429


# Paths


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
async def test_wrong_method_is_a_bare_404(method: str) -> None:
    assert_bare_404(await judged("/api/auth/ok", method=method))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "get", "post", "X"])
async def test_sign_in_is_for_post_alone(method: str) -> None:
    assert_bare_404(await judged("/api/auth/sign-in/email", method=method))


@pytest.mark.parametrize(
    "target",
    [
        "/api/auth",
        "/api/auth/",
        "/api/auth/ok/",
        "/api/auth/ok//",
        "/api/auth//ok",
        "/api/auth///ok",
        "/api/auth/OK",
        "/api/auth/Ok",
        "/api/auth/%6fk",
        "/api/auth/o%6B",
        "/api/auth/ok%2f",
        "/api/auth/ok%00",
        "/api/auth/ok;x",
        "/api/auth/ok%20",
        "/api/auth/unknown",
        "/api/auth/ok/../",
        "/api/auth/../auth",
    ],
)
async def test_path_that_is_not_a_route_s_own_is_a_bare_404(target: str) -> None:
    behind = Behind()
    assert_bare_404(await judged(target, method="GET", app=front(behind)))
    assert behind.seen == []


@pytest.mark.parametrize(
    "target",
    [
        "/%61pi/auth/ok",
        "//api/auth/ok",
        "///api//auth/ok",
        "/api//auth/ok",
        "/api%2Fauth/ok",
        "/api/auth%2Fok",
        "/api/%61uth/ok",
        "%2Fapi/auth/ok",
        "/api%5Cauth/ok",
        "/%2Fapi/auth/ok",
    ],
)
async def test_disguised_path_never_reaches_a_handler(target: str) -> None:
    behind = Behind()
    assert_bare_404(await judged(target, method="GET", app=front(behind)))
    assert behind.seen == []


@pytest.mark.parametrize(
    "target",
    [
        "/api/auth/ok",
        "/api/auth/ok?x=1",
        "/api/auth/x/../ok",
        "/api/auth/./ok",
        "/api/auth/%2e/ok",
        "/x/../api/auth/ok",
        "/api/auth/x/%2E%2E/ok",
        "/api\\auth\\ok",
        "http://other.example/api/auth/ok",
    ],
)
async def test_path_that_resolves_to_a_route_reaches_it_in_plain_form(target: str) -> None:
    behind = Behind()
    answer = await judged(target, method="GET", app=front(behind))
    assert answer.status == 299
    ((scope, _),) = behind.seen
    assert get_request_context(scope).path == "/ok"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/api/auth/reset-password/a1B2", "/reset-password/a1B2"),
        ("/api/auth/reset-password/a%2Fb%20c", "/reset-password/a%2Fb%20c"),
        ("/api/auth/reset-password/%", "/reset-password/%"),
        ("/api/auth/x/../reset-password/a", "/reset-password/a"),
        ("/api/auth/reset-password/日", "/reset-password/%E6%97%A5"),
    ],
)
async def test_parameter_is_one_segment_and_stays_encoded(target: str, path: str) -> None:
    behind = Behind()
    answer = await judged(target, method="GET", app=front(behind))
    assert answer.status == 299
    ((scope, _),) = behind.seen
    assert get_request_context(scope).path == path


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/api/auth/reset-password"),
        ("GET", "/api/auth/reset-password/"),
        ("GET", "/api/auth/reset-password//"),
        ("GET", "/api/auth/reset-password/a/"),
        ("GET", "/api/auth/reset-password/a/b"),
        ("GET", "/api/auth/reset-password/a/.."),
        ("POST", "/api/auth/reset-password/a"),
        ("HEAD", "/api/auth/reset-password/a"),
        ("OPTIONS", "/api/auth/reset-password/a"),
        ("DELETE", "/api/auth/callback/x"),
    ],
)
async def test_what_fits_no_template_is_a_bare_404(method: str, target: str) -> None:
    behind = Behind()
    assert_bare_404(await judged(target, method=method, app=front(behind)))
    assert behind.seen == []


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_what_is_logged_of_a_path_is_its_template(method: str) -> None:
    scope = posted()
    scope["method"] = method
    scope["path"], scope["raw_path"] = "", b"/api/auth/reset-password/s3cret"
    await call_raw(front(Behind()), scope, [part(b"", more=False)])
    assert scope["path_template"] == "/api/auth/reset-password/{token}"


async def test_path_that_fits_no_template_is_not_logged_at_all() -> None:
    scope = posted()
    scope["path"], scope["raw_path"] = "", b"/api/auth/reset-passwords/s3cret"
    await call_raw(front(Behind()), scope, [part(b"", more=False)])
    assert "path_template" not in scope


@pytest.mark.parametrize(
    "target", ["/docs", "/api/tasks", "/api/authx/ok", "/", "/ok", "/API/auth/ok"]
)
async def test_what_is_not_below_the_base_path_is_passed_on_unjudged(target: str) -> None:
    behind = Behind()
    headers = [COOKIE, EVIL, ("content-type", "text/plain")]
    answers = [await judged(target, headers, b"x", app=front(behind)) for _ in range(4)]
    assert {answer.status for answer in answers} == {299}
    assert behind.seen[0][0]["path"] == target
    assert behind.seen[0][1] == b"x"


@pytest.mark.parametrize(
    ("url", "target"),
    [("http://localhost:8000/auth/v1", "/auth/v1/ok"), ("http://localhost:8000/auth/", "/auth/ok")],
)
async def test_path_in_the_base_url_replaces_the_base_path(url: str, target: str) -> None:
    app = front(Behind(), url=url)
    assert (await judged(target, method="GET", app=app)).status == 299
    assert (
        await judged("/api/auth/ok", method="GET", app=app)
    ).status == 299  # nobody's: passed on
    assert_bare_404(await judged(f"{target}/", method="GET", app=app))


async def test_other_protocols_are_passed_on() -> None:
    behind = Behind()
    await call_raw(front(behind), {"type": "lifespan"}, [])
    assert behind.seen[0][0]["type"] == "lifespan"


# Bodies


async def call_raw(
    app: FrontController, scope: Scope, messages: list[Message]
) -> tuple[int, bytes, int]:
    """Status, body, and how many messages were left unread."""
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"], len(messages)


def posted(*headers: tuple[bytes, bytes]) -> Scope:
    return {
        "type": "http",
        "method": "POST",
        "path": "/api/auth/sign-in/email",
        "raw_path": b"/api/auth/sign-in/email",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *headers],
        "client": ("127.0.0.1", 1),
    }


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_declared_length_over_one_mebibyte_is_413_before_anything_is_read() -> None:
    scope = posted((b"content-length", str(MAX_BODY + 1).encode()))
    status, body, unread = await call_raw(front(Behind()), scope, [part(b"{}", more=False)])
    assert (status, unread) == (413, 1)
    assert b"PAYLOAD_TOO_LARGE" in body


async def test_undeclared_body_over_one_mebibyte_is_413_as_soon_as_it_is_known() -> None:
    parts = [part(b" " * (MAX_BODY // 4)) for _ in range(10)]
    status, _, unread = await call_raw(front(Behind()), posted(), parts)
    assert (status, unread) == (413, 5)


async def test_body_of_one_mebibyte_in_pieces_is_read_whole() -> None:
    behind = Behind()
    body = b'{"a":"' + b"x" * (MAX_BODY - 8) + b'"}'
    parts = [part(body[:9]), part(body[9:100]), part(body[100:]), part(b"", more=False)]
    status, _, unread = await call_raw(front(behind), posted(), parts)
    assert (status, unread) == (299, 0)
    assert get_request_context(behind.seen[0][0]).body.value == {"a": "x" * (MAX_BODY - 8)}


@pytest.mark.parametrize("declared", [b"", b"x", b"-5", b"\xb2", b"1_0", b"2, 2"])
async def test_odd_declared_length_declares_nothing(declared: bytes) -> None:
    scope = posted((b"content-length", declared))
    status, _, _ = await call_raw(front(Behind()), scope, [part(b"{}", more=False)])
    assert status == 299


async def test_body_cut_off_by_a_disconnect_is_never_taken_for_all_of_it() -> None:
    behind = Behind()
    scope = posted()
    scope["headers"] = [(b"content-type", b"application/x-www-form-urlencoded")]
    half = part(b"email=a@b.co&password=correct+ho")
    status, _, _ = await call_raw(front(behind), scope, [half, {"type": "http.disconnect"}])
    assert status == 400
    assert behind.seen == []


async def test_handler_gets_body_headers_and_client() -> None:
    behind = Behind()
    body = b'\xef\xbb\xbf{"a":1,"a":"\\ud800"}'
    await judged("/api/auth/sign-in/email", [JSON, ("user-agent", "curl")], body, app=front(behind))
    ((scope, _),) = behind.seen
    known = get_request_context(scope)
    assert known.path == "/sign-in/email"
    assert known.body.value == {"a": "\ufffd"}
    assert known.client.user_agent == "curl"
    assert known.headers.get(b"content-type") == "application/json"


async def test_body_of_a_get_is_ignored() -> None:
    behind = Behind()
    headers = [("content-type", "text/plain"), COOKIE, EVIL]
    answer = await judged("/api/auth/ok", headers, b"{", method="GET", app=front(behind))
    assert answer.status == 299
    assert get_request_context(behind.seen[0][0]).body is NO_BODY


async def test_endpoint_says_what_a_body_may_be() -> None:
    form = [("content-type", "application/x-www-form-urlencoded")]
    behind = Behind()
    app = front(behind)
    assert (await judged("/api/auth/sign-in/email", form, b"a=1", app=app)).status == 299
    assert (await judged("/api/auth/sign-in/social", form, b"a=1", app=app)).status == 415
    for path in ("/sign-in/social", "/reset-password"):
        await judged(f"/api/auth{path}", [JSON], b'{"a":{"b":1}}', app=app)
    assert (await judged("/api/auth/unread", form, b"{", app=app)).status == 299
    seen = [get_request_context(scope).body.value for scope, _ in behind.seen]
    assert seen == [{"a": "1"}, {"a": {"b": 1}}, {"a": {}}, UNSET]


# Callback URLs

OPEN_REDIRECTS = [
    "//evil.example",  # CVE-2024-56734
    "/\\evil.example",  # CVE-2025-27143
    "\\\\evil.example",
    "/%5cevil.example",  # GHSA-vp58-j275-797x
    "/%2Fevil.example",
    "https:evil.example",
    "evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    f"{ORIGIN}@evil.example",
    f"{ORIGIN}.evil.example",  # CVE-2025-53535
    f"https://evil.example/{ORIGIN}",
    f"https://evil.example?{ORIGIN}",
    "http://localhost:3001/",
    "https://localhost:3000/",
    "/\r\n//evil.example",
    "/\tx",
    "/\0",
    "/\x85",
    " /next",
    "./next",
    "?next",
    "#next",
    "http://。evil.example",
    "http://localhost:3000\u3002evil.example",
    "myapp://callback",
    "http://",
    "/" * 3 + "evil.example",
]


@pytest.mark.parametrize("url", OPEN_REDIRECTS)
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("callbackURL", "INVALID_CALLBACK_URL"),
        ("redirectTo", "INVALID_REDIRECT_URL"),
        ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
        ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
    ],
)
async def test_open_redirect_is_refused_before_any_handler(url: str, key: str, code: str) -> None:
    from_json = await judged("/api/auth/sign-in/email", [JSON], json_body({key: url}))
    assert (from_json.status, from_json.json()["code"]) == (403, code)


@pytest.mark.parametrize("url", OPEN_REDIRECTS)
async def test_open_redirect_is_refused_in_a_query_too(url: str) -> None:
    query = "".join(f"%{byte:02x}" for byte in url.encode())
    answer = await judged(f"/api/auth/sign-in/email?callbackURL={query}", [JSON], b"{}")
    assert (answer.status, answer.json()["code"]) == (403, "INVALID_CALLBACK_URL")


@pytest.mark.parametrize("value", [["/a"], {"a": 1}, 5, True])
async def test_callback_url_that_is_no_text_is_400_without_a_code(value: object) -> None:
    answer = await judged("/api/auth/sign-in/email", [JSON], json_body({"callbackURL": value}))
    assert answer.status == 400
    assert answer.json() == {"message": "Invalid callbackURL: expected a string"}


async def test_repeated_callback_url_in_a_query_is_no_text() -> None:
    target = "/api/auth/sign-in/email?callbackURL=/a&callbackURL=/b"
    answer = await judged(target, [JSON], b"{}")
    assert answer.json() == {"message": "Invalid callbackURL: expected a string"}


@pytest.mark.parametrize("value", ["/next", f"{ORIGIN}/x", "", None, 0, False])
async def test_harmless_callback_url_passes(value: object) -> None:
    answer = await judged("/api/auth/sign-in/email", [JSON], json_body({"callbackURL": value}))
    assert answer.status == 299
