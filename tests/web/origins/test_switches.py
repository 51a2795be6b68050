"""`disabledPaths`, `skipTrailingSlashes` and the switches of origin checks, in the whole service.

The rows were asked of the original.
"""

import pytest

from app.settings.options import AdvancedOptions, RateLimitOptions
from tests.support.asgi import Answer, Header
from tests.support.service import EMAIL, PASSWORD, serving
from tests.support.tables import users
from tests.web.middleware.test_front_controller import assert_bare_404

pytestmark = pytest.mark.anyio

EVIL: Header = ("origin", "https://evil.example")
COOKIE: Header = ("cookie", "a=b")
NAVIGATION: list[Header] = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]
SIGN_IN = {"email": EMAIL, "password": PASSWORD}
OPEN = {"callbackURL": "https://evil.example/x"}


def assert_disabled(answer: Answer) -> None:
    assert (answer.status, answer.body) == (404, b"Not Found")
    assert answer.header_list("content-type") == ["text/plain;charset=UTF-8"]


@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        "/sign-up/email",
        "/sign-up/email/",
        "/sign-up/email///",
        "/./sign-up/email",
        "/x/../sign-up/email",
        "/sign-up\\email",
        "/no-route",
    ],
)
async def test_disabled_path_is_a_404_in_any_spelling(
    sqlite_url: str, method: str, path: str
) -> None:
    async with serving(sqlite_url, disabled_paths=("/sign-up/email", "/no-route")) as service:
        assert_disabled(await service.call(method, path))


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize(
    "path",
    [
        "//sign-up/email",
        "/sign-up//email",
        "/sign-up/email//x/..",
        "/sign%2Dup/email",
        "/sign-up%2Femail",
        "/Sign-up/email",
        "/sign-up/email;x",
    ],
)
async def test_disguise_of_a_disabled_path_finds_no_route(
    sqlite_url: str, path: str, *, skip: bool
) -> None:
    """GHSA-x732-6j76-qmhm."""
    options = {"disabled_paths": ("/sign-up/email",)}
    advanced = AdvancedOptions(skip_trailing_slashes=skip)
    async with serving(sqlite_url, advanced=advanced, **options) as service:
        answer = await service.post(path, {"name": "Ada", **SIGN_IN})
        assert answer.status == 404
        assert await service.rows(users) == []


async def test_disabled_path_is_not_counted(sqlite_url: str) -> None:
    limit = RateLimitOptions()
    async with serving(sqlite_url, rate_limit=limit, disabled_paths=("/sign-in/email",)) as service:
        for _ in range(5):
            assert_disabled(await service.sign_in())


async def test_trailing_slash_can_be_skipped(sqlite_url: str) -> None:
    async with serving(sqlite_url, advanced=AdvancedOptions(skip_trailing_slashes=True)) as service:
        assert (await service.get("/ok/")).body == b'{"ok":true}'
        assert (await service.get("/get-session/")).body == b"null"
        assert_bare_404(await service.get("/ok//"))
        assert_bare_404(await service.get("/"))
        assert_bare_404(await service.post("/ok/"))


ATTACKS: dict[str, tuple[list[Header], dict[str, str]]] = {
    "cookie": ([COOKIE, EVIL], {}),
    "no origin": ([COOKIE], {}),
    "origin": ([EVIL], {}),
    "navigation": ([*NAVIGATION, EVIL], {}),
    "url": ([], OPEN),
}
ORIGIN_OFF = {"cookie", "no origin", "origin", "url"}


@pytest.mark.parametrize(
    ("advanced", "passing"),
    [
        (AdvancedOptions(), set()),
        (AdvancedOptions(disable_csrf_check=True), {"cookie", "no origin", "origin", "navigation"}),
        (AdvancedOptions(disable_origin_check=True), set(ATTACKS)),
        (AdvancedOptions(disable_origin_check=True, disable_csrf_check=False), ORIGIN_OFF),
        (AdvancedOptions(disable_origin_check=("/sign-in", "/x")), ORIGIN_OFF),
        (AdvancedOptions(disable_origin_check=("/sign",)), set()),
    ],
)
async def test_what_a_switch_lets_through_to_sign_in(
    sqlite_url: str, advanced: AdvancedOptions, passing: set[str]
) -> None:
    async with serving(sqlite_url, advanced=advanced) as service:
        answers = {
            name: await service.post("/sign-in/email", {**SIGN_IN, **fields}, headers)
            for name, (headers, fields) in ATTACKS.items()
        }
    assert {name for name, answer in answers.items() if answer.status == 401} == passing
    assert {answer.status for answer in answers.values()} <= {401, 403}


async def test_unchecked_paths_leave_the_others_checked(sqlite_url: str) -> None:
    advanced = AdvancedOptions(disable_origin_check=("/sign-in",))
    async with serving(sqlite_url, advanced=advanced) as service:
        assert (await service.post("/sign-out", {}, [COOKIE, EVIL])).status == 403
        assert (await service.post("/sign-out", OPEN)).json()["code"] == "INVALID_CALLBACK_URL"
