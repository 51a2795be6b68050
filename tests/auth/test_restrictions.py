"""Columns of a Node server's plugins, and what they refuse."""

import pytest

from app.auth.errors import BannedUser, TwoFactorRequired
from app.models.errors import Refusal
from tests.support.tables import restrictions


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
