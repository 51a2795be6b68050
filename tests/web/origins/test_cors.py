"""CORS and the security headers of every answer, over the whole application."""

from collections.abc import AsyncIterator

import pytest

from app.models.errors import StoreUnavailable
from app.settings.options import RateLimitOptions
from tests.support.asgi import Answer, Header, call
from tests.support.service import JSON, ORIGIN, Service, browser, serving

pytestmark = pytest.mark.anyio

TRUSTED = (ORIGIN, "https://app.example.com", "https://*.wild.example", "myapp://")
EXPOSED = (
    "set-auth-token, set-auth-jwt, X-Total-Count, X-Retry-After, Retry-After, WWW-Authenticate"
)
UNTRUSTED = [
    "https://evil.example",
    "https://appXexample.com",
    "https://app.example.com.evil.example",
    "https://app.example.com:8443",
    "http://app.example.com",
    "https://app.example.com/",
    "https://APP.example.com",
    "https://wild.example",
    "https://a.wild.example.evil.example",
    "https://evil.example/.wild.example",
    "null",
    "*",
    "",
    "myapp://",
    "myapp://host",
    "http://localhost:3000, https://evil.example",
    "\xff",
]


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with serving(sqlite_url, trusted_origins=TRUSTED) as made:
        yield made


async def request(service: Service, method: str, path: str, origin: str, *more: Header) -> Answer:
    return await call(service.app, method, path, [("origin", origin), *more])


def cors(answer: Answer) -> dict[str, str]:
    return {k: v for k, v in answer.headers if k.startswith("access-control-")}


def assert_readable(answer: Answer, origin: str = ORIGIN) -> None:
    assert cors(answer) == {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": EXPOSED,
    }
    assert answer.header_list("vary") == ["Origin"]
    assert len(answer.header_list("access-control-allow-origin")) == 1


PREFLIGHT = ("access-control-request-method", "POST")


@pytest.mark.parametrize("path", ["/api/auth/sign-in/email", "/api/tasks/1", "/anything"])
@pytest.mark.parametrize("origin", [ORIGIN, "https://app.example.com", "https://a.wild.example"])
async def test_preflight_of_a_trusted_origin_is_allowed(
    service: Service, path: str, origin: str
) -> None:
    asked = ("access-control-request-headers", "content-type,x-custom")
    answer = await request(service, "OPTIONS", path, origin, PREFLIGHT, asked)
    assert (answer.status, answer.body) == (204, b"")
    allowed = cors(answer)
    assert allowed["access-control-allow-origin"] == origin
    assert allowed["access-control-allow-credentials"] == "true"
    methods = allowed["access-control-allow-methods"].split(", ")
    assert methods == ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    assert allowed["access-control-allow-headers"] == "content-type,x-custom"
    assert 0 < int(allowed["access-control-max-age"]) <= 7200
    assert answer.header("vary") == "Origin"


async def test_preflight_that_asks_for_no_headers_is_told_the_usual_ones(service: Service) -> None:
    answer = await request(service, "OPTIONS", "/api/auth/ok", ORIGIN, PREFLIGHT)
    assert answer.header("access-control-allow-headers") == "content-type, authorization"


@pytest.mark.parametrize("origin", UNTRUSTED)
async def test_preflight_from_elsewhere_is_a_bare_404(service: Service, origin: str) -> None:
    for path in ("/api/auth/ok", "/api/tasks"):
        answer = await request(service, "OPTIONS", path, origin, PREFLIGHT)
        assert (answer.status, answer.body) == (404, b"")
        assert answer.header("content-type") is None
        assert cors(answer) == {}
        assert answer.header("vary") == "Origin"


@pytest.mark.parametrize("origin", UNTRUSTED)
async def test_answer_for_elsewhere_has_no_cors_header(service: Service, origin: str) -> None:
    for path in ("/api/auth/ok", "/api/auth/token", "/health/live", "/nowhere"):
        answer = await request(service, "GET", path, origin)
        assert cors(answer) == {}
        assert answer.header("vary") == "Origin"


async def test_answer_for_elsewhere_names_only_what_the_original_exposes(service: Service) -> None:
    session = browser(await service.sign_up())[0]
    answer = await service.get("/get-session", [session, ("origin", "https://evil.example")])
    assert cors(answer) == {"access-control-expose-headers": "set-auth-jwt"}


async def test_options_that_is_no_preflight_is_a_bare_404(service: Service) -> None:
    answer = await request(service, "OPTIONS", "/api/auth/ok", ORIGIN)
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("origin", [ORIGIN, "https://app.example.com", "http://localhost:8000"])
async def test_success_is_readable_for_a_trusted_origin(service: Service, origin: str) -> None:
    assert_readable(await request(service, "GET", "/api/auth/ok", origin), origin)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/auth/token", 401),
        ("GET", "/api/auth/unknown", 404),
        ("HEAD", "/api/auth/ok", 404),
        ("POST", "/api/auth/get-session", 405),
        ("POST", "/api/auth/sign-in/email", 400),
        ("GET", "/api/tasks", 401),
        ("GET", "/nowhere", 404),
    ],
)
async def test_refusal_is_readable_too(
    service: Service, method: str, path: str, status: int
) -> None:
    answer = await request(service, method, path, ORIGIN)
    assert answer.status == status
    assert_readable(answer)


async def test_refused_body_type_and_foreign_cookie_are_readable_too(service: Service) -> None:
    origin = ("origin", ORIGIN)
    wrong_type = [("content-type", "text/plain"), origin]
    answers = [
        await service.post("/sign-out", b"x", wrong_type),
        await service.post("/sign-out", b"{", [JSON, origin]),
        await service.post("/sign-in/email", {"callbackURL": "//evil.example"}, [origin]),
    ]
    assert [answer.status for answer in answers] == [415, 400, 403]
    for answer in answers:
        assert_readable(answer)


async def test_limit_is_readable_too(sqlite_url: str) -> None:
    policy = RateLimitOptions(max=1)
    async with serving(sqlite_url, rate_limit=policy) as service:
        answers = [await request(service, "GET", "/api/auth/ok", ORIGIN) for _ in range(2)]
        assert [answer.status for answer in answers] == [200, 429]
        assert_readable(answers[1])
        assert answers[1].header("x-retry-after") is not None


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [(StoreUnavailable(), 503, "STORE_UNAVAILABLE"), (KeyError("x"), 500, "INTERNAL_SERVER_ERROR")],
)
async def test_fault_is_readable_too_and_says_nothing_of_itself(
    service: Service, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, code: str
) -> None:
    async def fail(*arguments: object) -> None:
        raise fault

    monkeypatch.setattr(service.database, "read_all", fail)
    answer = await request(service, "GET", "/api/auth/jwks", ORIGIN)
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert b"KeyError" not in answer.body
    assert b"Traceback" not in answer.body
    assert_readable(answer)


@pytest.mark.parametrize(
    "path", ["/api/auth/ok", "/api/auth/unknown", "/docs", "/health/live", "/"]
)
async def test_every_answer_has_the_security_headers(service: Service, path: str) -> None:
    answer = await request(service, "GET", path, "")
    assert answer.header_list("x-content-type-options") == ["nosniff"]
    assert answer.header_list("referrer-policy") == ["no-referrer"]


@pytest.mark.parametrize(
    "path", ["/ok", "/jwks", "/token", "/get-session", "/error", "/unknown", "/reference"]
)
async def test_nothing_below_the_base_path_is_stored(service: Service, path: str) -> None:
    assert (await service.get(path)).header_list("cache-control") == ["no-store"]


@pytest.mark.parametrize(
    "target",
    [
        "/x/../api/auth/ok",
        "/docs/../api/auth/token",
        "/docs/%2E%2e/api/auth/token",
        "/api/auth\\ok",
        "http://localhost/api/auth/unknown",
    ],
)
async def test_nothing_below_the_base_path_is_stored_in_whatever_spelling(
    service: Service, target: str
) -> None:
    answer = await request(service, "GET", target, "")
    assert answer.header_list("cache-control") == ["no-store"]


async def test_assets_of_the_docs_page_may_be_stored(service: Service) -> None:
    answer = await request(service, "GET", "/docs/swagger-ui.css", "")
    assert answer.header("cache-control") == "public, max-age=3600"
