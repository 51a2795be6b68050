"""Session cookies and session tokens: what our service takes, the bridge takes."""

from collections.abc import AsyncIterator
from urllib.parse import quote, unquote

import pytest

from app.auth.sessions.cookies import SessionCookies
from app.bridge import InvalidToken, MissingToken, Presented, User
from app.bridge.cookie import OpaqueBearer, SessionCookie
from app.bridge.errors import ForeignOrigin
from app.bridge.session_table import SessionTable
from app.settings.options import AdvancedOptions
from app.settings.settings import Settings
from tests.support.service import SECRET, Service, bearer, browser, from_now, serving
from tests.support.tables import sessions

from .minting import OTHER_SECRET, mint

pytestmark = pytest.mark.anyio

NAME = "better-auth.session_token"
SECURE = f"__Secure-{NAME}"


class SignedIn:
    """The service with one user, and both ways to present the session."""

    def __init__(self, service: Service, table: SessionTable, token: str) -> None:
        self.service = service
        self.table = table
        self.token = token
        self.signed = SessionCookies(service.settings).sign(token)
        self.value = quote(self.signed, safe="")

    def filled(self, pattern: str) -> str:
        """A header from a pattern: `{value}` is the cookie's, `{signed}` the same undecoded."""
        plain = {"value": self.value, "signed": self.signed, "token": self.token}
        return pattern.format(**plain, name=NAME)


@pytest.fixture
async def signed_in(sqlite_url: str) -> AsyncIterator[SignedIn]:
    async with serving(sqlite_url) as service:
        token = (await service.sign_up()).json()["token"]
        table = SessionTable(sqlite_url)
        yield SignedIn(service, table, token)
        await table.close()


def by_cookie(table: SessionTable, *, secure: bool | None = None) -> SessionCookie:
    return SessionCookie(SECRET, table, secure=secure)


async def user(by: SessionCookie | OpaqueBearer, presented: Presented) -> User | None:
    try:
        return await by.authenticate(presented)
    except (MissingToken, InvalidToken):
        return None


async def is_taken_by_service(service: Service, name: str, value: str) -> bool:
    answer = await service.get("/get-session?disableRefresh=true", [(name, value)])
    return answer.json() is not None


async def test_cookie_that_a_browser_got(signed_in: SignedIn) -> None:
    answer = await signed_in.service.sign_in()
    (cookie, _) = browser(answer)
    found = await by_cookie(signed_in.table).authenticate(Presented([], [cookie[1]]))
    assert (found.email, found["name"]) == ("ada@example.com", "Ada")


COOKIES = {
    "as it was set": ("{name}={value}", True),
    "not encoded": ("{name}={signed}", True),
    "quoted": ('{name}="{value}"', True),
    "among others": ("a=b; c; =d; {name}={value}; e=f", True),
    "blanks": (" \t{name} =  {value}\t ", True),
    "without a blank": ("a=b;{name}={value};c=d", True),
    "name in capitals": ("BETTER-AUTH.SESSION_TOKEN={value}", False),
    "name encoded": ("better%2Dauth.session_token={value}", False),
    "name with more": ("x{name}={value}", False),
    "unsigned": ("{name}={token}", False),
    "no signature": ("{name}={token}.", False),
    "no token": ("{name}=.{value}", False),
    "empty": ("{name}=", False),
    "no value": ("{name}", False),
    "encoded twice": ("{name}=%25{value}", False),
    "broken escape": ("{name}={value}%", False),
    "escape of no character": ("{name}=%FF{value}", False),
    "more after": ("{name}={value}x", False),
    "more before": ("{name}=x{value}", False),
    "control": ("{name}=%00{value}", False),
    "other cookies": ("theme=dark; better-auth.session_data={value}", False),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("pattern", "taken"), COOKIES.values(), ids=list(COOKIES))
async def test_cookie_is_taken_where_the_service_takes_it(
    signed_in: SignedIn, pattern: str, *, taken: bool
) -> None:
    cookie = signed_in.filled(pattern)
    found = await user(by_cookie(signed_in.table), Presented([], [cookie]))
    assert (found is not None) is taken
    assert await is_taken_by_service(signed_in.service, "cookie", cookie) is taken


BEARERS = {
    "token": ("Bearer {token}", True),
    "signed": ("Bearer {signed}", True),
    "signed and encoded": ("Bearer {value}", True),
    "any case": ("bEARER {token}", True),
    "blanks": ("Bearer   {token}  ", True),
    "tab": ("Bearer\t{token}", False),
    "another scheme": ("Basic {token}", False),
    "no scheme": ("{token}", False),
    "unknown": ("Bearer unknown", False),
    "encoded": ("Bearer %2E{token}", False),
    "forged": ("Bearer {token}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", False),
    "no signature": ("Bearer {token}.", False),
    "cut": ("Bearer {signed}x", False),
    "quoted": ('Bearer "{token}"', False),
    "two": ("Bearer {token} {token}", False),
    "nothing": ("Bearer", False),
}


@pytest.mark.parametrize(("pattern", "taken"), BEARERS.values(), ids=list(BEARERS))
async def test_bearer_is_taken_where_the_service_takes_it(
    signed_in: SignedIn, pattern: str, *, taken: bool
) -> None:
    value = signed_in.filled(pattern)
    found = await user(OpaqueBearer(SECRET, signed_in.table), Presented([value]))
    assert (found is not None) is taken
    assert await is_taken_by_service(signed_in.service, "authorization", value) is taken


async def test_token_needs_a_signature_where_the_setting_says_so(signed_in: SignedIn) -> None:
    strict = OpaqueBearer(SECRET, signed_in.table, require_signature=True)
    assert await user(strict, Presented([f"Bearer {signed_in.signed}"])) is not None
    with pytest.raises(InvalidToken, match="no signature"):
        await strict.authenticate(Presented([f"Bearer {signed_in.token}"]))


async def test_access_token_in_place_of_a_session_token_is_told(signed_in: SignedIn) -> None:
    with pytest.raises(InvalidToken, match="an access token, expected the session token"):
        await OpaqueBearer(SECRET, signed_in.table).authenticate(Presented([f"Bearer {mint()}"]))


async def test_base64url_is_no_signature(signed_in: SignedIn) -> None:
    """As in the original."""
    token, _, signature = signed_in.signed.rpartition(".")
    altered = signature.replace("+", "-").replace("/", "_").rstrip("=")
    assert (
        await user(by_cookie(signed_in.table), Presented([], [f"{NAME}={token}.{altered}"])) is None
    )


async def test_cookie_of_another_secret_is_refused(signed_in: SignedIn) -> None:
    foreign = SessionCookies(Settings(secret=OTHER_SECRET)).sign(signed_in.token)
    with pytest.raises(InvalidToken, match="not signed with our secret"):
        await by_cookie(signed_in.table).authenticate(Presented([], [f"{NAME}={quote(foreign)}"]))


async def test_signature_of_another_value_is_refused(signed_in: SignedIn) -> None:
    """`dont_remember` is signed with the same secret, and everybody may have one."""
    cookies = SessionCookies(signed_in.service.settings)
    signature = cookies.sign("true").rpartition(".")[2]
    presented = Presented([], [f"{NAME}={signed_in.token}.{signature}"])
    assert await user(by_cookie(signed_in.table), presented) is None
    assert (
        await user(by_cookie(signed_in.table), Presented([], [f"{NAME}={cookies.sign('true')}"]))
        is None
    )


async def test_both_secrets_are_taken_where_two_are_given(signed_in: SignedIn) -> None:
    both = SessionCookie([OTHER_SECRET, SECRET], signed_in.table)
    assert await user(both, Presented([], [f"{NAME}={signed_in.value}"])) is not None


@pytest.mark.parametrize("secrets", ["", "short", [], [SECRET, "short"]])
async def test_short_secret_is_told(signed_in: SignedIn, secrets: str | list[str]) -> None:
    for kind in (SessionCookie, OpaqueBearer):
        with pytest.raises(ValueError, match="32 characters"):
            kind(secrets, signed_in.table)


@pytest.mark.parametrize("joint", ["; ", ";", " ; other=x; "])
async def test_cookie_that_comes_twice_is_refused(signed_in: SignedIn, joint: str) -> None:
    """Whoever controls a neighbouring host could plant the session of another user."""
    cookie = f"{NAME}={signed_in.value}"
    with pytest.raises(InvalidToken, match="more than one session cookie"):
        await by_cookie(signed_in.table).authenticate(
            Presented([], [joint.join([cookie, f"{NAME}=other"])])
        )


async def test_cookies_of_two_headers_are_one_list(signed_in: SignedIn) -> None:
    """HTTP/2 clients send them so (RFC 9113 section 8.2.3)."""
    cookie = f"{NAME}={signed_in.value}"
    by = by_cookie(signed_in.table)
    assert await user(by, Presented([], ["a=b", cookie])) is not None
    with pytest.raises(InvalidToken, match="more than one session cookie"):
        await by.authenticate(Presented([], [cookie, cookie]))


@pytest.mark.parametrize(
    ("secure", "name", "taken"),
    [
        (None, NAME, True),
        (None, SECURE, True),
        (True, SECURE, True),
        (True, NAME, False),
        (False, NAME, True),
        (False, SECURE, False),
    ],
)
async def test_secure_name(
    signed_in: SignedIn, name: str, *, secure: bool | None, taken: bool
) -> None:
    presented = Presented([], [f"{name}={signed_in.value}"])
    assert (await user(by_cookie(signed_in.table, secure=secure), presented) is not None) is taken


async def test_secure_cookie_alone_counts_beside_a_plain_one(signed_in: SignedIn) -> None:
    """Plain ones can be planted by whoever is between the browser and a neighbouring host."""
    by, good = by_cookie(signed_in.table), signed_in.value
    assert await user(by, Presented([], [f"{NAME}=x; {SECURE}={good}"])) is not None
    with pytest.raises(InvalidToken):
        await by.authenticate(Presented([], [f"{NAME}={good}; {SECURE}=x"]))


@pytest.mark.parametrize("space", ["\xa0", "\x85", "\x1c", "\x0b", "\x0c", "\u2000"])
async def test_name_with_odd_white_space_is_another_name(signed_in: SignedIn, space: str) -> None:
    """Browsers keep such a cookie though its name only looks as if it were secure."""
    presented = Presented([], [f"{space}{SECURE}={signed_in.value}"])
    with pytest.raises(MissingToken):
        await by_cookie(signed_in.table).authenticate(presented)


async def test_name_of_the_auth_servers_own(sqlite_url: str, signed_in: SignedIn) -> None:
    async with serving(sqlite_url, advanced=AdvancedOptions(cookie_prefix="shop")) as service:
        cookie = browser(await service.sign_in())[0][1]
    by = SessionCookie(SECRET, signed_in.table, name="shop.session_token")
    assert await user(by, Presented([], [cookie])) is not None
    assert await user(by_cookie(signed_in.table), Presented([], [cookie])) is None


async def test_ended_session_is_refused_at_once(signed_in: SignedIn) -> None:
    cookie, by = f"{NAME}={signed_in.value}", by_cookie(signed_in.table)
    assert await user(by, Presented([], [cookie])) is not None
    await signed_in.service.post("/sign-out", {}, bearer(signed_in.token))
    with pytest.raises(InvalidToken, match="ended or expired"):
        await by.authenticate(Presented([], [cookie]))
    with pytest.raises(InvalidToken, match="ended or expired"):
        await OpaqueBearer(SECRET, signed_in.table).authenticate(
            Presented([f"Bearer {signed_in.token}"])
        )


async def test_expired_session_is_refused(signed_in: SignedIn) -> None:
    await signed_in.service.alter(sessions, expiresAt=from_now(seconds=-1))
    with pytest.raises(InvalidToken, match="ended or expired"):
        await by_cookie(signed_in.table).authenticate(Presented([], [f"{NAME}={signed_in.value}"]))


async def test_request_without_the_cookie_is_missing_it(signed_in: SignedIn) -> None:
    for cookies in ([], [""], ["theme=dark"]):
        with pytest.raises(MissingToken) as caught:
            await by_cookie(signed_in.table).authenticate(Presented([], cookies))
        assert caught.value.headers == {"WWW-Authenticate": "Bearer"}
        assert "session cookie" in caught.value.detail


async def test_request_without_the_session_token_is_told_which_token(signed_in: SignedIn) -> None:
    for authorization in ([], ["Basic YTpi"]):
        with pytest.raises(MissingToken) as caught:
            await OpaqueBearer(SECRET, signed_in.table).authenticate(Presented(authorization))
        assert caught.value.headers == {"WWW-Authenticate": "Bearer"}
        assert "session token" in caught.value.detail


async def test_each_way_reads_its_own_header_only(signed_in: SignedIn) -> None:
    cookie, header = f"{NAME}={signed_in.value}", f"Bearer {signed_in.token}"
    with pytest.raises(MissingToken):
        await by_cookie(signed_in.table).authenticate(Presented([header]))
    with pytest.raises(MissingToken):
        await OpaqueBearer(SECRET, signed_in.table).authenticate(Presented([], [cookie]))


async def test_two_authorization_headers_are_refused(signed_in: SignedIn) -> None:
    header = f"Bearer {signed_in.token}"
    with pytest.raises(InvalidToken, match="more than one"):
        await OpaqueBearer(SECRET, signed_in.table).authenticate(Presented([header, header]))


@pytest.mark.parametrize(
    "value",
    ["\udcff.x", "é" * 50, "x." + "é" * 44, "." * 9000, "x" * 100_000, "\ud800." + "A" * 44],
)
async def test_junk_is_refused(signed_in: SignedIn, value: str) -> None:
    with pytest.raises(InvalidToken):
        await by_cookie(signed_in.table).authenticate(Presented([], [f"{NAME}={value}"]))
    with pytest.raises(InvalidToken):
        await OpaqueBearer(SECRET, signed_in.table).authenticate(Presented([f"Bearer {value}"]))


async def test_no_refusal_holds_the_token(signed_in: SignedIn) -> None:
    for value in (signed_in.token, f"{signed_in.signed}x", unquote(signed_in.value)[:-1]):
        with pytest.raises(InvalidToken) as caught:
            await by_cookie(signed_in.table).authenticate(Presented([], [f"{NAME}={value}"]))
        shown = f"{caught.value} {caught.value.headers} {caught.value.detail} {caught.value!r}"
        assert signed_in.token not in shown


@pytest.mark.parametrize(
    ("origins", "taken"),
    [
        ([], True),
        (["https://app.example"], True),
        (["https://evil.example"], False),
        (["null"], False),
        (["https://app.example", "https://evil.example"], False),
    ],
)
async def test_cookie_counts_from_trusted_pages_alone(
    signed_in: SignedIn, origins: list[str], *, taken: bool
) -> None:
    by = SessionCookie(SECRET, signed_in.table, origins=["https://app.example"])
    presented = Presented([], [f"{NAME}={signed_in.value}"], origins)
    if taken:
        assert (await by.authenticate(presented)).email == "ada@example.com"
    else:
        with pytest.raises(ForeignOrigin):
            await by.authenticate(presented)


async def test_foreign_page_without_a_cookie_is_nobody(signed_in: SignedIn) -> None:
    by = SessionCookie(SECRET, signed_in.table, origins=["https://app.example"])
    with pytest.raises(MissingToken):
        await by.authenticate(Presented([], [], ["https://evil.example"]))
