"""/ok and /error."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from app.settings.options import ApiErrorOptions
from tests.support.service import Service, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with serving(sqlite_url) as made:
        yield made


async def test_ok_is_ok(service: Service) -> None:
    answer = await service.get("/ok")
    assert (answer.status, answer.body) == (200, b'{"ok":true}')
    assert answer.header("content-type") == "application/json"


async def test_ok_touches_no_database(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("read_one", "read_stored", "read_all", "begin", "ping"):
        monkeypatch.setattr(service.database, name, None)
    assert (await service.get("/ok")).status == 200


async def test_error_page_is_html_that_can_load_nothing(service: Service) -> None:
    answer = await service.get("/error")
    assert answer.status == 200
    assert answer.header_list("content-type") == ["text/html"]
    (policy,) = answer.header_list("content-security-policy")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<code>UNKNOWN</code>" in answer.body.decode()


@pytest.mark.parametrize("code", ["state_not_found", "INVALID-TOKEN", "isn't_1", "x" * 300])
async def test_code_of_harmless_characters_is_shown(service: Service, code: str) -> None:
    page = (await service.get(f"/error?error={quote(code)}")).body.decode()
    assert f"<code>{code.replace(chr(39), '&#x27;')}</code>" in page


@pytest.mark.parametrize(
    "code", ["", "<script>", "a b", "é", "x\n", 'x"', "&lt;", "{code}", "\0", "x/y"]
)
async def test_code_of_any_other_character_is_unknown(service: Service, code: str) -> None:
    """GHSA-9x4v-xfq5-m8x5."""
    page = (await service.get(f"/error?error={quote(code)}")).body.decode()
    assert "<code>UNKNOWN</code>" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\"onload='x'", "&quot;onload=&#x27;x&#x27;"),
        ("a & b é 😀", "a &amp; b é 😀"),
        ("{code} {0} {{", "{code} {0} {{"),
    ],
)
async def test_description_is_escaped(service: Service, text: str, shown: str) -> None:
    page = (await service.get(f"/error?error=x&error_description={quote(text)}")).body.decode()
    assert f"<p>{shown}</p>" in page


async def test_page_has_one_main_part_and_colours_for_dark_screens(service: Service) -> None:
    page = (await service.get("/error")).body.decode()
    assert page.count("<main>") == page.count("</main>") == 1
    assert "prefers-color-scheme: dark" in page
    assert '<html lang="en">' in page


@pytest.mark.parametrize(
    ("trusted", "home"),
    [
        ((), "/"),
        (("https://app.example.com",), "https://app.example.com/"),
        (("myapp://", "https://*.example.com", "http://localhost:3000"), "http://localhost:3000/"),
        (("http://localhost:3000", "https://app.example.com"), "http://localhost:3000/"),
        (("*.example.com", "myapp://"), "/"),
    ],
)
async def test_page_leads_home(sqlite_url: str, trusted: tuple[str, ...], home: str) -> None:
    async with serving(sqlite_url, trusted_origins=trusted) as service:
        page = (await service.get("/error")).body.decode()
    assert f'<a class="home" href="{home}">Go Home</a>' in page


async def test_page_tells_developers_where_the_code_is_explained(service: Service) -> None:
    page = (await service.get("/error?error=it's_x")).body.decode()
    assert 'href="https://better-auth.com/docs/reference/errors/it%27s_x"' in page
    assert "Please try again or return to the home page." in page


async def test_undecodable_query_is_no_fault(service: Service) -> None:
    for query in ("error=%FF", "error_description=%ED%A0%80", "%", "error=a&error=b", "=&;"):
        assert (await service.get(f"/error?{query}")).status == 200


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("", "/oops?a=1&error=UNKNOWN#f"),
        ("?error=abc", "/oops?a=1&error=abc#f"),
        ("?error=a%20b", "/oops?a=1&error=UNKNOWN#f"),
        ("?error=a%27b", "/oops?a=1&error=a%27b#f"),
        ("?error=abc&error=def", "/oops?a=1&error=abc#f"),
        ("?error=&error_description=z", "/oops?a=1&error=UNKNOWN&error_description=z#f"),
        ("?error_description=", "/oops?a=1&error=UNKNOWN#f"),
        (
            "?error=abc&error_description=x%20y%C3%A9~*%26%2B'()!",
            "/oops?a=1&error=abc&error_description=x+y%C3%A9%7E*%26%2B%27%28%29%21#f",
        ),
        (
            "?error=x&error_description=%0D%0Aset-cookie:a",
            "/oops?a=1&error=x&error_description=%0D%0Aset-cookie%3Aa#f",
        ),
    ],
)
async def test_error_url_takes_the_place_of_the_page(
    sqlite_url: str, query: str, location: str
) -> None:
    async with serving(
        sqlite_url, on_api_error=ApiErrorOptions(error_url="/oops?a=1#f")
    ) as service:
        answer = await service.get(f"/error{query}")
    assert (answer.status, answer.header_list("location")) == (302, [location])
    assert (answer.header("content-type"), answer.body) == (None, b"")
