"""Two processes get the same code at once: only one of them may take it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.plugins.two_factor.options import AccountLockoutOptions, TwoFactorOptions
from app.plugins.two_factor.plugin import PLUGIN
from app.plugins.two_factor.tables import two_factors
from tests.plugins.two_factor.person import LONG, OPTIONS, Person, code_in, guarded
from tests.support.plugins import plugged
from tests.support.service import PASSWORD
from tests.support.smtp import Outgoing
from tests.support.tables import sessions

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def two_processes(
    url: str, options: TwoFactorOptions = OPTIONS, outbox: Outgoing | None = None
) -> AsyncIterator[tuple[Person, Person]]:
    """The same person at two services over one database, each in a browser of its own."""
    async with (
        guarded(url, options, mailer=outbox) as ada,
        plugged(url, PLUGIN, options, mailer=outbox) as other,
    ):
        elsewhere = ada.at(other)
        elsewhere.cookies = {}
        yield ada, elsewhere


async def statuses(path: str, people: list[Person], code: str) -> Counter[int]:
    asked = (person.post(f"/two-factor/verify-{path}", code=code) for person in people)
    return Counter(answer.status for answer in await asyncio.gather(*asked))


async def test_one_code_of_an_app_signs_in_once(database_url: str) -> None:
    async with two_processes(database_url) as people:
        for person in people:
            await person.sign_in()
        found = await statuses("totp", [*people], people[0].code())
        assert found == {200: 1, 401: 1}
        assert len(await people[0].service.rows(sessions)) == 1


async def test_one_backup_code_signs_in_once(database_url: str) -> None:
    async with two_processes(database_url) as people:
        for person in people:
            await person.sign_in()
        found = await statuses("backup-code", [*people], people[0].backup_codes[0])
        assert found[200] == 1
        assert found.keys() <= {200, 401, 409}
        assert len(await people[0].service.rows(sessions)) == 1


async def test_one_challenge_starts_one_session(database_url: str) -> None:
    async with two_processes(database_url) as (ada, elsewhere):
        await ada.sign_in()
        elsewhere.cookies = dict(ada.cookies)
        answers = await asyncio.gather(
            ada.post("/two-factor/verify-totp", code=ada.code()),
            elsewhere.post("/two-factor/verify-totp", code=ada.code(1)),
            ada.at(ada.service).post("/two-factor/verify-backup-code", code=ada.backup_codes[0]),
        )
        assert sorted(answer.status for answer in answers) == [200, 401, 401]
        assert len(await ada.service.rows(sessions)) == 1


async def test_one_mailed_code_signs_in_once(database_url: str) -> None:
    outbox = Outgoing()
    async with two_processes(database_url, OPTIONS, outbox) as (ada, elsewhere):
        await ada.sign_in()
        await ada.post("/two-factor/send-otp")
        elsewhere.cookies = dict(ada.cookies)
        found = await statuses("otp", [ada, elsewhere], code_in(outbox))
        assert found[200] == 1
        assert len(await ada.service.rows(sessions)) == 1


async def test_guesses_at_once_do_not_exceed_the_limit_of_a_challenge(database_url: str) -> None:
    async with two_processes(database_url) as (ada, elsewhere):
        await ada.sign_in()
        browsers = [ada.at(each.service) for each in (ada, elsewhere) for _ in range(6)]
        guesses = (each.post("/two-factor/verify-totp", code="x") for each in browsers)
        codes = Counter(answer.json()["code"] for answer in await asyncio.gather(*guesses))
        assert codes["INVALID_CODE"] == 5
        right = await ada.post("/two-factor/verify-totp", code=ada.code())
        assert right.status in {400, 401}
        assert not ada.is_signed_in()


async def test_guesses_at_once_do_not_exceed_the_limit_of_an_account(database_url: str) -> None:
    options = TwoFactorOptions(
        totp_options=LONG, account_lockout=AccountLockoutOptions(max_failed_attempts=3)
    )
    async with two_processes(database_url, options) as (ada, elsewhere):
        places = [ada.service, elsewhere.service] * 3
        browsers = [ada.other_browser().at(service) for service in places]
        for each in browsers:
            await each.sign_in()
        assert await statuses("totp", browsers, "x") == {401: 3, 429: 3}


async def test_enabling_twice_at_once_leaves_one_factor(database_url: str) -> None:
    async with two_processes(database_url) as (ada, elsewhere):
        bob = Person(ada.service, "bob@example.com")
        await bob.sign_up()
        twice = [bob, bob.at(elsewhere.service)]
        await asyncio.gather(
            *(each.post("/two-factor/enable", password=PASSWORD) for each in twice)
        )
        assert len(await ada.service.rows(two_factors)) == 2  # his, and hers
