"""The domain of cookies is changed by a setting while browsers hold the old ones."""

import pytest

from app.settings.cookie_definitions import list_stale_cookies
from app.settings.options import (
    AdvancedOptions,
    CookieCacheOptions,
    CrossSubDomainCookieOptions,
    SessionOptions,
)
from app.settings.settings import Settings
from app.storage.database import Database
from tests.support.asgi import Answer, Header
from tests.support.service import EMAIL, PASSWORD, SECRET, Service, serve

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

URL = "https://auth.example.com"
TOKEN = "__Secure-better-auth.session_token"
OFF = AdvancedOptions()
SHARED = AdvancedOptions(cross_sub_domain_cookies=CrossSubDomainCookieOptions(enabled=True))
ABOVE = AdvancedOptions(
    cross_sub_domain_cookies=CrossSubDomainCookieOptions(enabled=True, domain=".example.com")
)


class Browser:
    """Keeps cookies by name and domain, and sends the oldest first (RFC 6265bis, 5.8.3)."""

    def __init__(self) -> None:
        self.jar: dict[tuple[str, str], str] = {}

    def keep(self, answer: Answer) -> Answer:
        for line in answer.header_list("set-cookie"):
            pair, *attributes = line.split("; ")
            name, _, value = pair.partition("=")
            domain = next((a[7:].lstrip(".") for a in attributes if a.startswith("Domain=")), "")
            if value:
                self.jar[name, domain] = value
            else:
                self.jar.pop((name, domain), None)
        return answer

    @property
    def headers(self) -> list[Header]:
        cookie = "; ".join(f"{name}={value}" for (name, _), value in self.jar.items())
        return [("cookie", cookie), ("origin", URL)]

    async def get(self, service: Service, path: str = "/get-session") -> Answer:
        return self.keep(await service.get(path, self.headers))

    async def post(self, service: Service, path: str, **body: object) -> Answer:
        return self.keep(await service.post(path, body, self.headers))

    async def sign_up(self, service: Service, email: str = EMAIL) -> Answer:
        return await self.post(service, "/sign-up/email", name="A", email=email, password=PASSWORD)

    def domains(self) -> set[str]:
        return {domain for _, domain in self.jar}


async def at(database: Database, advanced: AdvancedOptions, *, cache: bool = False) -> Service:
    session = SessionOptions(cookie_cache=CookieCacheOptions(enabled=cache))
    return await serve(database, url=URL, advanced=advanced, session=session)


changes = pytest.mark.parametrize(
    ("before", "after", "domain"),
    [
        (OFF, SHARED, "auth.example.com"),
        (OFF, ABOVE, "example.com"),
        (SHARED, OFF, ""),
        (ABOVE, OFF, ""),
        (SHARED, ABOVE, "example.com"),
        (ABOVE, SHARED, "auth.example.com"),
    ],
)
caching = pytest.mark.parametrize("cache", [False, True])


@changes
@caching
async def test_new_sign_in_holds_though_the_stale_cookie_comes_first(
    database: Database, before: AdvancedOptions, after: AdvancedOptions, domain: str, cache: bool
) -> None:
    old, new = await at(database, before, cache=cache), await at(database, after, cache=cache)
    ada = Browser()
    await ada.sign_up(old)
    await database_without_sessions(old)
    signed_in = await ada.post(new, "/sign-in/email", email=EMAIL, password=PASSWORD)
    for _ in range(2):
        answer = await ada.get(new)
        assert answer.json()["session"]["token"] == signed_in.json()["token"]
        assert ada.domains() == {domain}
    await ada.post(new, "/sign-out")
    assert ada.jar == {}
    assert (await ada.get(new)).json() is None


@changes
@caching
async def test_sign_out_ends_what_the_old_cookie_holds(
    database: Database, before: AdvancedOptions, after: AdvancedOptions, domain: str, cache: bool
) -> None:
    old, new = await at(database, before, cache=cache), await at(database, after, cache=cache)
    ada = Browser()
    await ada.sign_up(old)
    assert (await ada.get(new)).json() is not None
    await ada.post(new, "/sign-out")
    assert ada.jar == {}


@changes
async def test_of_two_sessions_that_hold_the_newer_one_counts(
    database: Database, before: AdvancedOptions, after: AdvancedOptions, domain: str
) -> None:
    old, new = await at(database, before), await at(database, after)
    browser = Browser()
    await browser.sign_up(old)
    await browser.sign_up(new, "bob@example.com")
    for path in ("/list-accounts", "/get-session"):
        assert (await browser.get(new, path)).status == 200
    assert (await browser.get(new)).json()["user"]["email"] == "bob@example.com"
    assert browser.domains() == {domain}


async def test_stranger_s_cookie_of_the_name_is_passed_over_and_left(database: Database) -> None:
    service = await at(database, OFF)
    ada = Browser()
    ada.jar[TOKEN, "example.com"] = "of.somebody"
    await ada.sign_up(service)
    assert (await ada.get(service)).json()["user"]["email"] == EMAIL
    await ada.post(service, "/sign-out")
    assert set(ada.jar) == {(TOKEN, "example.com")}


@pytest.mark.engines("sqlite", "postgres")
async def test_session_that_goes_on_is_given_in_one_cookie(database: Database) -> None:
    """It was renewed under the new setting: the same token stands in both."""
    old, new = await at(database, OFF), await at(database, ABOVE)
    ada = Browser()
    await ada.sign_up(old)
    await ada.post(new, "/update-user", name="Ada")
    assert ada.domains() == {"", "example.com"}
    assert (await ada.get(new)).json() is not None
    assert ada.domains() == {"example.com"}


def test_places_are_the_host_and_the_domains_above_it() -> None:
    def domains(url: str, advanced: AdvancedOptions) -> list[str | None]:
        found = list_stale_cookies(Settings(secret=SECRET, url=url, advanced=advanced))
        return [each.attributes.domain for each in found if "session_token" in each.name]

    assert domains(URL, OFF) == ["auth.example.com", "example.com"]
    assert domains(URL, ABOVE) == [None, "auth.example.com"]
    assert domains("http://localhost:8000", OFF) == []
    assert domains("http://127.0.0.1:8000", OFF) == []
    assert domains("http://[::1]:8000", OFF) == []


async def database_without_sessions(service: Service) -> None:
    await service.execute("DELETE FROM session")
