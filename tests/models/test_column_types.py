import pytest
from sqlalchemy.types import TypeEngine

from app.models.additional_fields import Kind
from app.models.column_types import TYPE_NAMES, get_kind
from app.models.tables import rate_limits, to_snake_case, users

COLUMNS = {**users.c, **rate_limits.c}


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("name", "string"),
        ("emailVerified", "boolean"),
        ("createdAt", "date"),
        ("count", "number"),
        ("lastRequest", "bigint"),
    ],
)
def test_column_has_the_kind_of_its_type(column: str, kind: Kind) -> None:
    assert get_kind(COLUMNS[column].type) == kind


def test_each_dialect_names_a_type_for_each_kind() -> None:
    assert TYPE_NAMES["sqlite"].keys() == TYPE_NAMES["postgresql"].keys()


def test_another_type_counts_as_text() -> None:
    assert get_kind(TypeEngine()) == "string"


@pytest.mark.parametrize(
    ("name", "snake"),
    [("email", "email"), ("emailVerified", "email_verified"), ("rateLimit", "rate_limit")],
)
def test_capitals_become_underscores(name: str, snake: str) -> None:
    assert to_snake_case(name) == snake
