"""What the two switches turn off; every row was asked of the original."""

import pytest

from app.settings.options import AdvancedOptions
from app.storage.database import Database
from app.web.origins.checks import EVERY_CHECK, OriginChecks, OriginSwitches
from tests.support.service import EMAIL, PASSWORD, serve

NONE = OriginChecks(origins=False, logins=False, urls=False)
URLS_ALONE = OriginChecks(origins=False, logins=False)
LOGINS_ALONE = OriginChecks(origins=False, urls=False)


@pytest.mark.parametrize(
    ("advanced", "checks"),
    [
        (AdvancedOptions(), EVERY_CHECK),
        (AdvancedOptions(disable_csrf_check=False), EVERY_CHECK),
        (AdvancedOptions(disable_csrf_check=True), URLS_ALONE),
        (AdvancedOptions(disable_origin_check=True), NONE),
        (AdvancedOptions(disable_origin_check=True, disable_csrf_check=True), NONE),
        (AdvancedOptions(disable_origin_check=True, disable_csrf_check=False), LOGINS_ALONE),
        (AdvancedOptions(disable_origin_check=("/sign-in",)), LOGINS_ALONE),
        (AdvancedOptions(disable_origin_check=("/sign-in/",)), LOGINS_ALONE),
        (AdvancedOptions(disable_origin_check=("/x", "/sign-in/email")), LOGINS_ALONE),
        (AdvancedOptions(disable_origin_check=("/sign-in",), disable_csrf_check=True), NONE),
        (AdvancedOptions(disable_origin_check=("/sign",)), EVERY_CHECK),
        (AdvancedOptions(disable_origin_check=("/sign-in/email/x",)), EVERY_CHECK),
        (AdvancedOptions(disable_origin_check=("/SIGN-IN",)), EVERY_CHECK),
        (AdvancedOptions(disable_origin_check=("/x",), disable_csrf_check=True), URLS_ALONE),
    ],
)
def test_checks_of_a_sign_in_by_switch(advanced: AdvancedOptions, checks: OriginChecks) -> None:
    assert OriginSwitches(advanced).get_checks("/sign-in/email") == checks


@pytest.mark.parametrize("path", ["/public/database", "/public/data-x", "/publi", "/", "/x/public"])
def test_unchecked_path_ends_at_a_slash(path: str) -> None:
    """PR #10212: `/public/data` must not cover `/public/database`."""
    switches = OriginSwitches(AdvancedOptions(disable_origin_check=("/public/data",)))
    assert switches.get_checks(path) == EVERY_CHECK
    assert switches.get_checks("/public/data") == LOGINS_ALONE
    assert switches.get_checks("/public/data/x") == LOGINS_ALONE


@pytest.mark.anyio
async def test_node_env_switches_nothing_off(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The original checks no origin where NODE_ENV is `test`, and says nothing about it."""
    monkeypatch.setenv("NODE_ENV", "test")
    service = await serve(sqlite_database)
    evil = [("origin", "https://evil.example"), ("cookie", "a=b")]
    body = {"email": EMAIL, "password": PASSWORD}
    answer = await service.post("/sign-in/email", body, evil)
    assert (answer.status, answer.json()["code"]) == (403, "INVALID_ORIGIN")
