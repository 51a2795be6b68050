"""Second factors in the tables of Drizzle: either server takes what the other stored."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from app.plugins.two_factor.totp import CodeGenerator
from tests.system.parity.host import Host
from tests.system.parity.side import PASSWORD, Side
from tests.system.shared_database.together import at

from .applications import BY_ID, Application
from .conftest import grouped, make_place, migrate, ours_on
from .host import serving

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize(
        "application",
        [
            pytest.param(each, id=each.id, marks=grouped(each))
            for each in BY_ID.values()
            if each.has_plugins
        ],
        indirect=True,
    ),
]

ON = {"BETTER_AUTH_PLUGINS": "two-factor"}
PERIOD = 30  # seconds of a time step at both


@pytest.fixture(scope="module")
def sides(
    application: Application,
    node_host: Host,
    postgres_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Side, Side]]:
    """The Node server, and this service with the plugin on, over a database of their own."""
    folder = tmp_path_factory.mktemp("two_factor")
    place = make_place(application, folder, postgres_server)
    with serving(node_host, application, place, makes_tables=True) as node:
        report = migrate(application, place, folder, **ON)
        assert "created the table twoFactor," not in f"{report.strip()},"
        with ours_on(application, place, folder, **ON) as ours:
            yield node, ours


@pytest.mark.parametrize("is_made_here", [False, True])
async def test_either_takes_the_factor_of_the_other(
    sides: tuple[Side, Side], is_made_here: bool
) -> None:
    maker, other = reversed(sides) if is_made_here else sides
    email = f"factor-{is_made_here}@example.com"
    browser = await maker.signed_up(email)
    enabled = (await browser.post("/two-factor/enable", {"password": PASSWORD})).json
    secret = parse_qs(urlsplit(enabled["totpURI"]).query)["secret"][0]
    code = CodeGenerator(secret).generate_otp(int(time.time()) // PERIOD)
    shown = await at(other, browser).post("/two-factor/verify-totp", {"code": code})
    assert shown.status == 200
    for side, backup_code in zip((other, maker), enabled["backupCodes"], strict=False):
        guarded = side.browser()
        assert (await guarded.sign_in(email)).json["twoFactorRedirect"] is True
        assert (await guarded.post("/two-factor/verify-totp", {"code": "x"})).status == 401
        done = await guarded.post("/two-factor/verify-backup-code", {"code": backup_code})
        assert done.status == 200
        user = (await guarded.get("/get-session")).json["user"]
        assert user["twoFactorEnabled"] is True


async def test_lock_of_either_is_kept_by_the_other(sides: tuple[Side, Side]) -> None:
    """Its end is stored as the tables store times."""
    node, ours = sides
    for maker, other in ((node, ours), (ours, node)):
        email = f"lock-{maker is ours}@example.com"
        browser = await maker.signed_up(email)
        enabled = (await browser.post("/two-factor/enable", {"password": PASSWORD})).json
        secret = parse_qs(urlsplit(enabled["totpURI"]).query)["secret"][0]
        code = CodeGenerator(secret).generate_otp(int(time.time()) // PERIOD)
        await browser.post("/two-factor/verify-totp", {"code": code})
        for _ in range(2):
            eve = maker.browser()
            await eve.sign_in(email)
            for _ in range(5):
                await eve.post("/two-factor/verify-totp", {"code": "x"})
        guarded = other.browser()
        await guarded.sign_in(email)
        spare = {"code": enabled["backupCodes"][0]}
        refused = await guarded.post("/two-factor/verify-backup-code", spare)
        assert refused.json["code"] == "ACCOUNT_TEMPORARILY_LOCKED"
