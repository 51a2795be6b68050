"""Columns of a Node server's plugins, and what they refuse."""

import pytest

from app.auth.errors import BannedUser, TwoFactorRequired
from app.models.errors import Refusal
from app.schema.migrate import migrate
from tests.support.service import serving
from tests.support.tables import restrictions
from tests.system.original_schema import execute, make_original


def test_database_without_those_columns_refuses_nobody() -> None:
    assert restrictions().list_columns() == []
    assert restrictions().find_refusal([]) is None


def test_column_of_another_plugin_is_not_read() -> None:
    assert restrictions("role").list_columns() == []


@pytest.mark.parametrize(
    ("marks", "refusal"),
    [
        ([None, None], None),
        ([False, False], None),
        ([0, 0], None),
        ([1, 0], BannedUser),
        ([True, True], BannedUser),
        ([0, 1], TwoFactorRequired),
        ([None, True], TwoFactorRequired),
    ],
)
def test_mark_calls_for_its_refusal(marks: list[object], refusal: type[Refusal] | None) -> None:
    assert restrictions("twoFactorEnabled", "banned").find_refusal(marks) is refusal


@pytest.mark.parametrize(
    ("present", "refusal"), [("banned", BannedUser), ("twoFactorEnabled", TwoFactorRequired)]
)
def test_only_columns_that_are_there_are_read(present: str, refusal: type[Refusal]) -> None:
    read = restrictions(present)
    (column,) = read.list_columns()
    assert column.name == present
    assert read.find_refusal([1]) is refusal


@pytest.mark.parametrize("refusal", [BannedUser, TwoFactorRequired])
def test_refusals_are_403_with_a_code_of_their_own(refusal: type[Refusal]) -> None:
    assert refusal.status == 403
    assert refusal.code


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("mark", "refusal"),
    [
        ("banned", BannedUser),
        ("twoFactorEnabled", TwoFactorRequired),
        ("two_factor_enabled", TwoFactorRequired),
    ],
)
async def test_mark_counts_from_the_day_that_its_column_is_there(
    empty_database_url: str, mark: str, refusal: type[Refusal]
) -> None:
    await make_original(empty_database_url)
    await migrate(empty_database_url)
    flag = "integer" if empty_database_url.startswith("sqlite") else "boolean"
    async with serving(empty_database_url) as service:
        assert (await service.sign_up("grace@example.com")).status == 200
        await execute(empty_database_url, f'ALTER TABLE "user" ADD COLUMN "{mark}" {flag}')
        assert (await service.sign_in("grace@example.com")).status == 200
        yes = "1" if flag == "integer" else "true"
        await execute(empty_database_url, f'UPDATE "user" SET "{mark}" = {yes}')
        refused = await service.sign_in("grace@example.com")
        assert (refused.status, refused.json()["code"]) == (403, refusal.code)
