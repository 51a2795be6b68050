"""Second factors: either server reads the secret, the codes and the challenge of the other."""

from collections.abc import Iterator

import pytest

from tests.system.parity.options import Options, Setup
from tests.system.parity.scenarios.two_factor import MAILED, code
from tests.system.parity.servers import NewPlace, Pair
from tests.system.parity.side import PASSWORD, Caller, Side

from .together import either, grouped, in_order, together

pytestmark = pytest.mark.anyio

VERSIONS = [
    {"version": 2, "value": "the-new-secret-of-these-tests-8fQ1zWc5nB0yT"},
    {"version": 1, "value": "the-old-secret-of-these-tests-k3J9vQ2mX7pL4"},
]
OTHER_NAMES = {
    "twoFactor.twoFactorTable": "mfa",
    "twoFactor.schema.twoFactor.fields": {"backupCodes": "rescue", "userId": "owner"},
    "twoFactor.schema.user.fields": {"twoFactorEnabled": "has_mfa"},
}
SETUPS: dict[str, Options] = {
    "plain": MAILED,
    "versions": {**MAILED, "secrets": VERSIONS, **OTHER_NAMES},
    "encrypted": {**MAILED, "twoFactor.otpOptions.storeOTP": "encrypted"},
}
CASES = [("sqlite", name) for name in SETUPS] + [("postgres", "versions")]
cases = pytest.mark.parametrize(
    ("engine", "setup"),
    [pytest.param(*case, marks=grouped(case[0])) for case in CASES],
    indirect=True,
)


@pytest.fixture(scope="module")
def setup(request: pytest.FixtureRequest) -> Setup:
    return Setup(SETUPS[request.param])


@pytest.fixture(scope="module")
def pair(
    setup: Setup, new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("two_factor")
    with together(setup, new_place(folder), folder, cheap_hashes=True) as started:
        yield started


async def challenged(side: Side, email: str) -> Caller:
    browser = side.browser()
    answer = await browser.sign_in(email)
    assert answer.json["twoFactorRedirect"] is True
    return browser


def at(browser: Caller, side: Side) -> Caller:
    """The same browser, which another server answers."""
    other = side.browser()
    other.cookies = browser.cookies
    return other


@cases
@either
async def test_other_server_takes_the_codes(pair: Pair, first: str) -> None:
    maker, other = in_order(pair, first)
    email = f"{first}@example.com"
    browser = await maker.signed_up(email)
    enabled = await browser.post("/two-factor/enable", {"password": PASSWORD})
    shown = await at(browser, other).post(
        "/two-factor/verify-totp", {"code": code(enabled, ahead=-1)}
    )
    assert shown.status == 200
    codes = enabled.json["backupCodes"]
    for starts, completes, spare in ((other, maker, codes[0]), (maker, other, codes[1])):
        browser = await challenged(starts, email)
        elsewhere = at(browser, completes)
        wrong = await elsewhere.post("/two-factor/verify-backup-code", {"code": "x"})
        assert wrong.status == 401
        right = await elsewhere.post("/two-factor/verify-backup-code", {"code": spare})
        assert right.status == 200
        assert (await at(elsewhere, starts).get("/get-session")).json["user"]["twoFactorEnabled"]
        again = await at(await challenged(starts, email), starts).post(
            "/two-factor/verify-backup-code", {"code": spare}
        )
        assert again.json["code"] == "INVALID_BACKUP_CODE"
    browser = at(await challenged(maker, email), other)
    done = await browser.post(
        "/two-factor/verify-totp", {"code": code(enabled, ahead=1), "trustDevice": True}
    )
    assert done.status == 200
    trusted = at(browser, maker)
    await trusted.post("/sign-out", {})
    assert "token" in (await trusted.sign_in(email)).json
    uri = await at(browser, other).post("/two-factor/get-totp-uri", {"password": PASSWORD})
    assert uri.json["totpURI"].split("secret=")[1][:52] in enabled.json["totpURI"]


@cases
@either
async def test_other_server_takes_a_mailed_code(pair: Pair, first: str) -> None:
    maker, other = in_order(pair, first)
    email = f"mailed-{first}@example.com"
    browser = await maker.signed_up(email)
    await browser.post("/two-factor/enable", {"password": PASSWORD, "method": "otp"})
    browser = await challenged(maker, email)
    await browser.post("/two-factor/send-otp", {})
    letter = await maker.mail(email)
    done = await at(browser, other).post("/two-factor/verify-otp", {"code": letter.code})
    assert done.json["user"]["email"] == email


@cases
@either
async def test_locked_account_is_locked_at_both(pair: Pair, first: str) -> None:
    maker, other = in_order(pair, first)
    email = f"locked-{first}@example.com"
    browser = await maker.signed_up(email)
    enabled = await browser.post("/two-factor/enable", {"password": PASSWORD})
    await browser.post("/two-factor/verify-totp", {"code": code(enabled, ahead=-1)})
    for number in range(10):
        side = (maker, other)[number % 2]
        eve = await challenged(side, email)
        assert (await eve.post("/two-factor/verify-totp", {"code": "x"})).status == 401
    for side in (maker, other):
        browser = await challenged(side, email)
        answer = await browser.post("/two-factor/verify-totp", {"code": code(enabled)})
        assert answer.json["code"] == "ACCOUNT_TEMPORARILY_LOCKED"
